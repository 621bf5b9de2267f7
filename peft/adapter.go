package peft

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft/seam"
)

// Adapter is a named set of values on a backbone. What it computes is fixed; its values are published as a whole and
// read as a whole, so calls that run meanwhile see either the old ones or the new.
type Adapter struct {
	name     string
	cfg      Config
	method   seam.Method
	plan     *seam.Plan // Params include those of modules_to_save
	backbone *Backbone  // in the sizes of what the adapter brings
	ownSized []string   // the paths of the values that are of another size there
	extras   []extra
	key      string // see slotKey
	values   atomic.Pointer[snapshot]
	trainer  atomic.Pointer[byte] // who trains it, see BeginTraining
}

// snapshot is an immutable set of values in the plan's order.
type snapshot struct{ values []*Tensor }

// newAdapter plans a config for a backbone, for values from a file or for first ones. It takes cfg over.
func newAdapter(name string, b *Backbone, cfg Config, o seam.Planning) (*Adapter, error) {
	if _, err := seam.CloneConfig(cfg); err != nil {
		return nil, err
	}
	method, plan, err := b.net.Plan(cfg, o)
	if err != nil {
		return nil, err
	}
	a := &Adapter{name: name, cfg: cfg, method: method, plan: plan, backbone: b}
	a.key = slotKey(a, plan.Params, plan.Sites, 0)
	return a, nil
}

// initialize makes the first values: from, by file key, where given (an adapter that was loaded), else drawn.
func (a *Adapter) initialize(seed uint64, from map[string][]float32) error {
	values, err := seam.FirstValues(a.backbone.net, a.method, a.plan, from, seed)
	if err != nil {
		return fmt.Errorf("%s: %w", a.cfg.PEFTType(), err)
	}
	s := &snapshot{values: make([]*Tensor, len(values))}
	for i, flat := range values {
		s.values[i] = tensors.FromFlatDataAndDimensions(flat, a.plan.Params[i].Shape...)
	}
	a.values.Store(s)
	return nil
}

// Name is the adapter's name on its backbone.
func (a *Adapter) Name() string { return a.name }

// Config gives a copy of the adapter's settings.
func (a *Adapter) Config() Config {
	own, err := seam.CloneConfig(a.cfg)
	if err != nil { // newAdapter saw that it can be copied
		return a.cfg
	}
	return own
}

// VirtualTokens counts the positions that the adapter's prompt takes; 0 for most methods.
func (a *Adapter) VirtualTokens() int {
	if p, ok := a.method.(seam.Prompter); ok {
		return p.VirtualTokens()
	}
	return 0
}

// Params lists the adapter's values.
func (a *Adapter) Params() []seam.Param { return slices.Clone(a.plan.Params) }

// Sites lists the paths where the adapter acts.
func (a *Adapter) Sites() []string { return slices.Clone(a.plan.Sites) }

// sites gives the sites where the adapter acts.
func (a *Adapter) sites() []seam.Site {
	out := make([]seam.Site, len(a.plan.Sites))
	for i, path := range a.plan.Sites {
		out[i] = a.backbone.site(path)
	}
	return out
}

// Value gives the published value under a file key, or under its name while it trains (see Param.Alias). It must not be
// changed.
func (a *Adapter) Value(key string) (*Tensor, error) {
	for i := range a.plan.Params {
		if a.plan.Params[i].Is(key) {
			return a.values.Load().values[i], nil
		}
	}
	return nil, &TensorError{Tensor: key, Reason: fmt.Sprintf("adapter %q has no such value", a.name)}
}

// Values gives the published values that are saved, by file key. They must not be changed.
func (a *Adapter) Values() Tensors { return a.saved(a.values.Load()) }

// saved gives those of a snapshot that are saved, by file key.
func (a *Adapter) saved(s *snapshot) Tensors {
	out := Tensors{}
	for i, t := range s.values {
		if p := &a.plan.Params[i]; p.Const == nil {
			out[p.FileKey()] = t
		}
	}
	return out
}

func (a *Adapter) slot() activeSlot {
	return activeSlot{adapter: a, params: a.plan.Params, values: a.values.Load().values, sites: a.plan.Sites, key: a.key}
}

// NumTrainable counts the parameters that train.
func (a *Adapter) NumTrainable() int {
	n := 0
	for i := range a.plan.Params {
		if a.plan.Params[i].Trains() {
			n += a.plan.Params[i].Size()
		}
	}
	return n
}

// NumAdded counts the parameters that the adapter adds to its backbone's, as HF PEFT counts them: values that stand
// for a frozen one in place add nothing. Where it has more tokens or classes than the backbone, their rows count.
func (a *Adapter) NumAdded() int {
	n := 0
	if a.ownSized != nil {
		n = a.backbone.NumParams() - a.backbone.base.NumParams()
	}
	for i := range a.plan.Params {
		if p := &a.plan.Params[i]; p.Const == nil && !p.InPlace {
			n += p.Size()
		}
	}
	return n
}
