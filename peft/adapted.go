package peft

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gopeft/gopeft/peft/seam"
)

// Adapted is a model with any number of named adapters on it; [Attach], [Load] and [New] make one. Which adapters act
// is said in each call by a [Selection] and is no state, so one Adapted serves many callers at once, each with an
// adapter of its own. Attaching, replacing and deleting are safe while calls run. The zero value has no model: every
// call with it is an error.
//
// A call needs a compiled program for the shapes of its inputs, which is made when they first occur and takes from
// milliseconds to seconds. Adapters of equal shape share programs, so changing from one to another compiles nothing.
type Adapted struct {
	backbone *Backbone
	mu       sync.RWMutex
	adapters map[string]*Adapter
	stacks   stackCache
}

// Option changes how an adapter is attached or loaded: [Seed], [Lenient] or [TrainStatistics].
type Option func(*options)

type options struct {
	seed       uint64
	lenient    bool
	statistics bool
}

// Seed sets the seed of an adapter's random first values. Equal seeds give equal values; without it the seed is 0.
func Seed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// Lenient accepts what HF PEFT accepts with at most a warning and is an error here otherwise: names in a config that
// match no module, tensors that a file lacks (they keep their first values) or has too many, values that are not
// finite, and a head with random values that is neither trained nor saved.
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

// New gives a model without adapters yet, for [Adapted.Attach] and [Adapted.LoadAs] to add some. With a nil Backbone
// every later call is an error.
func New(b *Backbone) *Adapted { return &Adapted{backbone: b, adapters: map[string]*Adapter{}} }

// Attach puts a new adapter on a model, ready to be trained. The name is yours, for selections; cfg, a pointer to the
// config of a method, is copied. Errors are those of [Adapted.Attach].
func Attach(b *Backbone, name string, cfg Config, opts ...Option) (*Adapted, error) {
	a := New(b)
	return a, a.Attach(name, cfg, opts...)
}

// Attach puts a new adapter beside the others. cfg, a pointer to the config of a method, is copied. A setting that
// can't be used matches [ErrConfig] or [ErrUnsupported], a target that matches no module [ErrTarget], a name that is
// taken or malformed [ErrAdapter].
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

// fresh makes an adapter with first values, which belongs to no Adapted yet. It takes cfg over.
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

// Delete removes an adapter. Calls that use it meanwhile finish with it. An unknown name, and an adapter that is
// being trained, match [ErrAdapter].
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

// Backbone gives the model without the adapters.
func (a *Adapted) Backbone() *Backbone { return a.backbone }

// Names lists the adapters' names, sorted.
func (a *Adapted) Names() []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Sorted(maps.Keys(a.adapters))
}

// All selects every adapter there is now, in the order of their names, as [Use] does.
func (a *Adapted) All() Selection { return Use(a.Names()...) }

// Adapter gives an adapter by its name. An unknown name is an error that lists the known ones and matches
// [ErrAdapter].
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

// Trainable lists the values that training changes by their gradients, of all selected adapters. [Adapted.Gradients],
// [Adapted.Run] and [Adapter.Publish] have values in this order.
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

// TrainableParam is one value of an adapter that training changes, with what describes it: its Site, its Name and its
// Shape. A training loop of your own asks for them by [Adapted.Trainable].
type TrainableParam struct {
	Adapter string // the adapter's name
	seam.Param
	Value *Tensor // the value now; it must not be changed
}

// VirtualTokens counts the positions in front of a text that the selected adapters take with learned tokens. Texts
// must be shorter by as many. It is 0 for most methods.
func (a *Adapted) VirtualTokens(sel Selection) (int, error) {
	act, err := a.resolve(sel, nil)
	if err != nil {
		return 0, err
	}
	return act.virtual(), nil
}

// NumTrainable counts the parameters that training changes, over all adapters.
func (a *Adapted) NumTrainable() int { return a.sum((*Adapter).NumTrainable) }

// NumTotal counts the model's parameters and those that the adapters add, as HF PEFT's "all params".
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
