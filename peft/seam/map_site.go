package seam

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// affine is what a site computes with the adapters of one branch, one around the other.
func (c *Call) affine(site Site, slots []*slot) Affine {
	w := Affine{Map: &frozenMap{c, slots, site}}
	if site.Kind != Embedding && c.Has(site.Path+".bias") {
		w.Bias, _ = c.valueIn(slots, site.Path+".bias")
	}
	for _, s := range slots {
		if !s.sites[site.Path] {
			continue
		}
		at := &At{Call: c, Site: site, slot: s, below: slots}
		if hook := hookOf(at); hook != nil {
			inner := w
			next := func(x *Node) *Node { return inner.compute(c, site, x) }
			w = Affine{Map: &hookedMap{at, func(x *Node) *Node { return hook(x, next) }}}
		} else if hook, ok := s.method.(WeightHook); ok {
			w = hook.Weight(at, w)
		}
	}
	return w
}

// hookOf gives the hook that a method has for sites of this kind, nil for none.
func hookOf(at *At) func(x *Node, next func(*Node) *Node) *Node {
	switch at.Site.Kind {
	case Linear:
		if h, ok := at.slot.method.(LinearHook); ok {
			return func(x *Node, next func(*Node) *Node) *Node { return h.Linear(at, x, next) }
		}
	case Conv:
		if h, ok := at.slot.method.(ConvHook); ok {
			return func(x *Node, next func(*Node) *Node) *Node { return h.Conv(at, x, next) }
		}
	case Embedding:
		if h, ok := at.slot.method.(EmbeddingHook); ok {
			return func(x *Node, next func(*Node) *Node) *Node { return h.Embedding(at, x, next) }
		}
	}
	return nil
}

// hookedMap is a site with the adapters up to one whose hook may be no linear map. Its bias is part of it.
type hookedMap struct {
	at    *At
	apply func(x *Node) *Node
}

func (m *hookedMap) Apply(x *Node) *Node             { return m.apply(x) }
func (m *hookedMap) read(x *Node) (y *Node, ok bool) { return m.apply(x), true }

func (m *hookedMap) Matrix() *Node {
	panic(fmt.Errorf("%w: what %T does at %s is no change of a weight", ErrMerge, m.at.slot.method, m.at.Site.Path))
}

// MapFunc makes a map of functions, for what At's maps don't say.
type MapFunc struct {
	// Function computes the map of the last axis of x.
	Function func(x *Node) *Node
	// Transposed computes its transpose. nil: by the matrix.
	Transposed func(y *Node) *Node
	// Whole gives its matrix [out, in]. nil: Function of the unit matrix of Width.
	Whole func() *Node
	// At is where it acts, and Width its input's.
	At    *At
	Width int
}

// Apply implements Map.
func (m *MapFunc) Apply(x *Node) *Node { return onChannels(m.At, x, m.Function) }

// Matrix implements Map.
func (m *MapFunc) Matrix() *Node {
	if m.Whole != nil {
		return m.Whole()
	}
	return swapLast(m.Function(graph.ConvertDType(graph.Diagonal(m.At.g, m.Width), dtypes.Float32)))
}

// ApplyTransposed implements Transposer.
func (m *MapFunc) ApplyTransposed(y *Node) *Node {
	if m.Transposed != nil {
		return m.Transposed(y)
	}
	return m.At.Dense(y, swapLast(m.Matrix()))
}
