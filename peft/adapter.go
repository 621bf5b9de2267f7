package peft

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/engine"
)

// Adapter is a named set of values on a backbone. What it computes is fixed; its values are published as a whole and
// read as a whole, so calls that run meanwhile see either the old ones or the new.
type Adapter struct {
	name     string
	cfg      Config
	method   Method
	plan     *Plan // Params include those of modules_to_save
	backbone *Backbone
	key      string // see slotKey
	values   atomic.Pointer[snapshot]
	trainer  atomic.Pointer[byte] // who trains it, see BeginTraining
}

// snapshot is an immutable set of values in the plan's order.
type snapshot struct{ values []*Tensor }

// newAdapter plans a config for a backbone, for values from a file or for first ones. It takes cfg over.
func newAdapter(name string, b *Backbone, cfg Config, lenient, loaded bool) (*Adapter, error) {
	a := &Adapter{name: name, cfg: cfg, backbone: b}
	err := guard("planning an adapter", func() (err error) {
		if a.method, err = cfg.Method(); err != nil {
			return fmt.Errorf("%s: %w", cfg.PEFTType(), err)
		}
		bp, err := b.blueprint(cfg.Shared(), specs[cfg.PEFTType()].DefaultTargets, lenient)
		if err != nil {
			return err
		}
		bp.Loaded = loaded
		if a.plan, err = a.method.Plan(bp); err != nil {
			return fmt.Errorf("%s: %w", cfg.PEFTType(), err)
		}
		a.plan.Params = append(slices.Clone(a.plan.Params), bp.savedParams(a.method, b.paths)...)
		a.key = slotKey(a, a.plan.Params, a.plan.Sites, 0)
		return nil
	})
	return a, err
}

// guard runs what a method implements: others' code, whose panics must not cross a public function.
func guard(what string, f func() error) error {
	var err error
	if caught := engine.Try(what, func() { err = f() }); caught != nil {
		return caught
	}
	return err
}

// Name is the adapter's name on its backbone.
func (a *Adapter) Name() string { return a.name }

// Config gives a copy of the adapter's settings.
func (a *Adapter) Config() (Config, error) { return cloneConfig(a.cfg) }

// VirtualTokens counts the positions that the adapter's prompt takes; 0 for most methods.
func (a *Adapter) VirtualTokens() int {
	if p, ok := a.method.(Prompter); ok {
		return p.VirtualTokens()
	}
	return 0
}

// Params lists the adapter's values.
func (a *Adapter) Params() []Param { return slices.Clone(a.plan.Params) }

// Sites lists the paths where the adapter acts.
func (a *Adapter) Sites() []string { return slices.Clone(a.plan.Sites) }

// sites gives the sites where the adapter acts.
func (a *Adapter) sites() []Site {
	out := make([]Site, len(a.plan.Sites))
	for i, path := range a.plan.Sites {
		out[i] = a.backbone.sites[path]
	}
	return out
}

// holds reports whether the plan has a value of that name at a site.
func (a *Adapter) holds(site, name string) bool {
	return slices.ContainsFunc(a.plan.Params, func(p Param) bool { return p.Site == site && p.Name == name })
}

// Value gives the published value under a file key, or under its name while it trains (see Param.Alias). It must not be
// changed.
func (a *Adapter) Value(key string) (*Tensor, error) {
	for i := range a.plan.Params {
		if a.plan.Params[i].is(key) {
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

// Set publishes new values under their file keys, or their names while they train (see Param.Alias); those not named
// stay. Shapes must fit. The adapter takes the tensors over.
func (a *Adapter) Set(values Tensors) error {
	next := slices.Clone(a.values.Load().values)
	left := len(values)
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		key := p.FileKey()
		t, ok := values[key]
		if other, twice := values[p.Alias]; twice && p.Alias != "" {
			if ok {
				return &TensorError{Tensor: p.Alias, Reason: "is the same value as " + key}
			}
			key, t, ok = p.Alias, other, true
		}
		if !ok || p.Const != nil {
			continue
		}
		left--
		if !slices.Equal(t.Shape().Dimensions, p.Shape) {
			return &TensorError{Tensor: key, Reason: fmt.Sprintf("has shape %v, want %v", t.Shape().Dimensions, p.Shape)}
		}
		next[i] = t
	}
	if left > 0 {
		for key := range values {
			if _, err := a.Value(key); err != nil && !a.redundant(key) {
				return err
			}
		}
	}
	a.values.Store(&snapshot{next})
	return nil
}

func (a *Adapter) slot() activeSlot {
	return activeSlot{adapter: a, params: a.plan.Params, values: a.values.Load().values, sites: a.plan.Sites, key: a.key}
}

// NumTrainable counts the parameters that train.
func (a *Adapter) NumTrainable() int {
	n := 0
	for i := range a.plan.Params {
		if a.plan.Params[i].Trains() {
			n += a.plan.Params[i].size()
		}
	}
	return n
}

// NumAdded counts the parameters that the adapter adds to its backbone's, as HF PEFT counts them: values that stand
// for a frozen one in place add nothing.
func (a *Adapter) NumAdded() int {
	n := 0
	for i := range a.plan.Params {
		if p := &a.plan.Params[i]; p.Const == nil && !p.InPlace {
			n += p.size()
		}
	}
	return n
}

func newTensor(flat []float32, shape []int) *Tensor {
	return tensors.FromFlatDataAndDimensions(flat, shape...)
}
