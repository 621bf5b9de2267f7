package peft

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gopeft/gopeft/peft/seam"
)

// Adapter is one adapter on a model: its settings, which stay, and its values, which training or [Adapter.Set]
// changes. [Adapted.Adapter] gives one by name. New values take the place of the old as a whole, so calls that run
// meanwhile see either all old ones or all new ones.
type Adapter struct {
	name     string
	cfg      Config
	method   seam.Method
	plan     *seam.Plan // Params include those of modules_to_save
	backbone *Backbone  // the Adapted's or, for an adapter with its own vocabulary or classes, one of these sizes
	ownSized []string   // the paths of the values that have another size there, nil where none has
	extras   []extra    // tensors of its file that it doesn't compute with
	key      string     // see slotKey
	values   atomic.Pointer[snapshot]
	trainer  atomic.Pointer[byte] // who trains it, see BeginTraining
}

// snapshot is all values of an adapter at one moment, in the order of its plan's Params. It is never changed.
type snapshot struct{ values []*Tensor }

// newAdapter checks a config against a backbone and plans which values it has there; they are made by initialize. It
// takes cfg over.
func newAdapter(name string, b *Backbone, cfg Config, o seam.Planning) (*Adapter, error) {
	o.Buffers = b.origin.Buffers
	method, plan, err := b.net.Plan(cfg, o)
	if err != nil {
		return nil, err
	}
	a := &Adapter{name: name, cfg: cfg, method: method, plan: plan, backbone: b}
	a.key = slotKey(a, plan.Params, plan.Sites, 0)
	return a, nil
}

// initialize makes the first values: those of from, by file key, where an adapter is loaded, else drawn ones, or such as
// follow from what was measured on data.
func (a *Adapter) initialize(seed uint64, from map[string][]float32, measured any) error {
	values, err := seam.FirstValues(a.backbone.net, a.method, a.plan, from, seed, measured)
	if err != nil {
		return fmt.Errorf("%s: %w", a.cfg.PEFTType(), err)
	}
	s := &snapshot{values: make([]*Tensor, len(values))}
	for i, flat := range values {
		s.values[i] = a.plan.Params[i].Tensor(flat)
	}
	a.values.Store(s)
	return nil
}

// Name is the adapter's name on its backbone.
func (a *Adapter) Name() string { return a.made().name }

// Config gives a copy of the adapter's settings; its type is that of the method, as *lora.Config.
func (a *Adapter) Config() Config {
	a = a.made()
	if a.cfg == nil {
		return nil
	}
	own, err := seam.CloneConfig(a.cfg)
	if err != nil { // it was copied, or read from JSON, when the adapter was made
		return a.cfg
	}
	return own
}

// VirtualTokens counts the positions in front of a text that the adapter takes with learned tokens; 0 for most
// methods.
func (a *Adapter) VirtualTokens() int {
	a = a.made()
	if p, ok := a.method.(seam.Prompter); ok {
		return p.VirtualTokens()
	}
	return 0
}

// Params describes the adapter's values: site, name and shape of each.
func (a *Adapter) Params() []seam.Param { return slices.Clone(a.made().plan.Params) }

// Sites lists the paths of the modules where the adapter acts.
func (a *Adapter) Sites() []string { return slices.Clone(a.made().plan.Sites) }

// sites gives the modules where the adapter acts with all that is known of them.
func (a *Adapter) sites() []seam.Site {
	out := make([]seam.Site, len(a.plan.Sites))
	for i, path := range a.plan.Sites {
		out[i] = a.backbone.site(path)
	}
	return out
}

// Value gives one value by its key in the adapter's file, or by the name that HF PEFT has for it while it trains. It
// must not be changed. An unknown key matches [ErrTensor].
func (a *Adapter) Value(key string) (*Tensor, error) {
	a = a.made()
	for i := range a.plan.Params {
		if a.plan.Params[i].Is(key) {
			return a.values.Load().values[i], nil
		}
	}
	return nil, &TensorError{Tensor: key, Reason: fmt.Sprintf("adapter %q has no such value", a.name)}
}

// Values gives the adapter's values that are saved, by their keys in its file. They must not be changed;
// [Adapter.Set] sets others.
func (a *Adapter) Values() Tensors {
	a = a.made()
	return a.saved(a.values.Load())
}

// saved gives the values of a snapshot that are saved, by file key.
func (a *Adapter) saved(s *snapshot) Tensors {
	out := Tensors{}
	for i, t := range s.values {
		if p := &a.plan.Params[i]; p.Const == nil {
			out[p.FileKey()] = t
		}
	}
	return out
}

// narrowed gives whole numbers the type that they have in files.
func (a *Adapter) narrowed(values Tensors) error {
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		key := p.FileKey()
		if t := values[key]; t != nil && p.Const == nil {
			var err error
			if values[key], err = p.ToFile(t); err != nil {
				return &TensorError{Tensor: key, Reason: err.Error()}
			}
		}
	}
	return nil
}

func (a *Adapter) slot() activeSlot {
	return activeSlot{adapter: a, params: a.plan.Params, values: a.values.Load().values, sites: a.plan.Sites, key: a.key}
}

// NumTrainable counts the parameters that training changes, and those that HF PEFT counts so though nothing depends on them.
func (a *Adapter) NumTrainable() int {
	a = a.made()
	n := 0
	for i := range a.plan.Params {
		if p := &a.plan.Params[i]; p.Trains() || p.Idle {
			n += a.plan.Params[i].Size()
		}
	}
	return n
}

// NumAdded counts the parameters that the adapter adds to its model's, as HF PEFT counts them: a trained bias, which
// stands for one of the model's own, adds nothing. Where the adapter has more tokens or classes than the model, their
// rows count.
func (a *Adapter) NumAdded() int {
	a = a.made()
	n := 0
	if a.ownSized != nil {
		n = a.backbone.NumParams() - a.backbone.base.NumParams()
	}
	for i := range a.plan.Params {
		if p := &a.plan.Params[i]; (p.Const == nil || p.Counted) && !p.InPlace && !p.Buffer {
			n += p.Size()
		}
	}
	return n
}

// made gives the adapter, or an empty one in place of nil and of the zero Adapter, which no call gives.
func (a *Adapter) made() *Adapter {
	if a != nil && a.plan != nil {
		return a
	}
	none := &Adapter{plan: new(seam.Plan), backbone: new(Backbone)}
	none.values.Store(new(snapshot))
	return none
}
