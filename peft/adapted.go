package peft

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gopeft/gopeft/peft/seam"
)

// Adapted is a backbone with named adapters. Which of them act is an argument of each call, not a state; calls,
// attaching and deleting may run at once from many goroutines.
type Adapted struct {
	backbone *Backbone
	mu       sync.RWMutex
	adapters map[string]*Adapter
	stacks   *stackCache // shared with its snapshots
}

// Option changes how an adapter is attached or loaded.
type Option func(*options)

type options struct {
	seed       uint64
	lenient    bool
	statistics bool
}

// Seed sets the seed of the first values; without it the seed is 0.
func Seed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// Lenient accepts what HF PEFT accepts with at most a warning: names that match nothing, and tensors that are missing
// from a file (they keep their first values) or are too many.
func Lenient() Option { return func(o *options) { o.lenient = true } }

func gather(opts []Option) options {
	var o options
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	return o
}

// New joins a backbone with no adapters yet.
// A nil Backbone is an error of every call that follows.
func New(b *Backbone) *Adapted {
	return &Adapted{backbone: b, adapters: map[string]*Adapter{}, stacks: new(stackCache)}
}

// Attach puts a fresh adapter on a backbone. cfg is copied.
func Attach(b *Backbone, name string, cfg Config, opts ...Option) (*Adapted, error) {
	a := New(b)
	return a, a.Attach(name, cfg, opts...)
}

// Attach puts a fresh adapter beside the others. cfg is copied.
func (a *Adapted) Attach(name string, cfg Config, opts ...Option) error {
	o := gather(opts)
	if err := a.takes(name); err != nil {
		return err
	}
	if err := a.backbone.enter(); err != nil {
		return err
	}
	defer a.backbone.leave()
	own, err := seam.CloneConfig(cfg)
	if err != nil {
		return fmt.Errorf("attach %q: %w", name, err)
	}
	ad, err := a.fresh(name, own, &o)
	if err != nil {
		return fmt.Errorf("attach %q: %w", name, err)
	}
	return a.add(ad)
}

// fresh makes an adapter with first values. It takes cfg over.
func (a *Adapted) fresh(name string, cfg Config, o *options) (*Adapter, error) {
	ad, err := newAdapter(name, a.backbone, cfg, seam.Planning{Lenient: o.lenient})
	if err != nil {
		return nil, err
	}
	if err := ad.checkClasses(a.backbone.Info().Classes); err != nil {
		return nil, err
	}
	if err := ad.checkHead(); err != nil && !o.lenient {
		return nil, err
	}
	if err := ad.ownStatistics(o.statistics, nil); err != nil {
		return nil, err
	}
	return ad, ad.initialize(o.seed, nil)
}

// takes refuses a name that can't be given to a further adapter.
func (a *Adapted) takes(name string) error {
	if a == nil || a.backbone == nil || a.backbone.net == nil {
		return errNoBackbone
	}
	return checkName(name)
}

func checkName(name string) error {
	if name == "" || name != strings.TrimSpace(name) || strings.ContainsAny(name, "/\\(),:") {
		return fmt.Errorf("%w: %q is no name: it must not be empty, hold any of /\\(),: or begin or end with a space", ErrAdapter, name)
	}
	return nil
}

func (a *Adapted) add(ad *Adapter) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, taken := a.adapters[ad.name]; taken {
		return fmt.Errorf("%w: the name %q is taken", ErrAdapter, ad.name)
	}
	a.adapters[ad.name] = ad
	return nil
}

// Delete removes an adapter. Calls that use it finish. One that is being trained stays.
func (a *Adapted) Delete(name string) error {
	ad, err := a.Adapter(name)
	if err != nil {
		return err
	}
	if err := ad.idle(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.adapters, name)
	return nil
}

// Backbone gives the frozen model.
func (a *Adapted) Backbone() *Backbone { return a.backbone }

// Names lists the adapters, sorted.
func (a *Adapted) Names() []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Sorted(maps.Keys(a.adapters))
}

// All selects every adapter, in the order of their names.
func (a *Adapted) All() Selection { return Use(a.Names()...) }

// Adapter gives an adapter by name.
func (a *Adapted) Adapter(name string) (*Adapter, error) {
	a.mu.RLock()
	ad, ok := a.adapters[name]
	a.mu.RUnlock()
	if !ok {
		return nil, fmt.Errorf("%w: there is no %q%s", ErrAdapter, name, a.others())
	}
	return ad, nil
}

// others lists the adapters for an error about another name.
func (a *Adapted) others() string {
	if names := a.Names(); len(names) > 0 {
		return ": there are " + strings.Join(names, ", ")
	}
	return ", nor any other one"
}

// Trainable lists the values that train under a selection, in the order that Run and Gradients use.
func (a *Adapted) Trainable(sel Selection) ([]TrainableParam, error) {
	return a.listed(sel, (*seam.Param).Trains)
}

func (a *Adapted) listed(sel Selection, wanted func(*seam.Param) bool) ([]TrainableParam, error) {
	act, err := a.resolve(sel, nil)
	if err != nil {
		return nil, err
	}
	var out []TrainableParam
	for _, s := range act.slots {
		for j, p := range s.params {
			if wanted(&p) {
				out = append(out, TrainableParam{Adapter: s.adapter.name, Param: p, Value: s.values[j]})
			}
		}
	}
	return out, nil
}

// TrainableParam is one value that trains or follows training.
type TrainableParam struct {
	Adapter string
	seam.Param
	Value *Tensor // as published; it must not be changed
}

// VirtualTokens counts the positions that the prompts of a selection take.
func (a *Adapted) VirtualTokens(sel Selection) (int, error) {
	act, err := a.resolve(sel, nil)
	if err != nil {
		return 0, err
	}
	return act.virtual(), nil
}

// NumTrainable counts the parameters that train, over all adapters.
func (a *Adapted) NumTrainable() int { return a.sum((*Adapter).NumTrainable) }

// NumTotal counts the backbone's parameters and those that adapters add, as HF PEFT's "all params".
func (a *Adapted) NumTotal() int { return a.backbone.NumParams() + a.sum((*Adapter).NumAdded) }

func (a *Adapted) sum(count func(*Adapter) int) int {
	a.mu.RLock()
	defer a.mu.RUnlock()
	n := 0
	for _, ad := range a.adapters {
		n += count(ad)
	}
	return n
}
