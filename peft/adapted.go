package peft

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Adapted is a model with any number of named adapters on it; [Attach], [Load] and [New] make one. Which adapters act
// is said in each call by a [Selection] and is no state, so one Adapted serves many callers at once, each with an
// adapter of its own. Attaching, replacing and deleting are safe while calls run. The zero value has no model:
// attaching, loading and running are refused with an error that matches [ErrInput].
//
// A call needs a compiled program for the shapes of its inputs, which is made when they first occur and takes from
// milliseconds to seconds. Adapters of equal shape share programs, so changing from one to another compiles nothing.
type Adapted struct {
	backbone *Backbone
	mu       sync.RWMutex
	adapters map[string]*Adapter
	stacks   *stackCache // shared with its snapshots
}

// New gives a model without adapters yet, for [Adapted.Attach] and [Adapted.LoadAs] to add some. With a nil Backbone
// every later call is an error.
func New(b *Backbone) *Adapted {
	return &Adapted{backbone: b, adapters: map[string]*Adapter{}, stacks: new(stackCache)}
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
func (a *Adapted) Backbone() *Backbone {
	if a == nil {
		return nil
	}
	return a.backbone
}

// Names lists the adapters' names, sorted.
func (a *Adapted) Names() []string {
	if a == nil {
		return nil
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Sorted(maps.Keys(a.adapters))
}

// All selects every adapter there is now, in the order of their names, as [Use] does.
func (a *Adapted) All() Selection { return Use(a.Names()...) }

// Adapter gives an adapter by its name. An unknown name is an error that lists the known ones and matches
// [ErrAdapter].
func (a *Adapted) Adapter(name string) (*Adapter, error) {
	if a.none() {
		return nil, errNoBackbone
	}
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

// none reports that there is no model to adapt.
func (a *Adapted) none() bool { return a == nil || a.backbone.none() }
