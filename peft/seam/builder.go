package seam

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/names"
)

// Setup says which adapters act in a graph, and how. Package peft makes one of a call's selection. The zero value is the
// bare model, outside of training.
type Setup struct {
	Slots    []Slot   // the adapters
	Branches []Branch // how they are put together
	// Rows, int32 [batch], says which branch each row of the batch takes, by Branch.Row; nil means that all rows take all
	// branches.
	Rows *Node
	// Random is the state of random numbers while training, uint32 [2]: a key, and a number that differs from step to
	// step. nil is a call outside of training, where nothing is dropped.
	Random *Node
}

// Slot is one adapter in a graph, or several adapters of one method whose values are stacked, so that each row of the batch
// can take another one's.
type Slot struct {
	Method Method
	Params []Param  // of the plan
	Nodes  []*Node  // the values, one for each of Params; stacked ones have a leading axis for the adapters
	Sites  []string // paths where the method's hooks are called
	// Rows, int32 [batch], says which of the stacked adapters each row takes; nil for a single adapter.
	Rows *Node
}

// Branch is a chain of adapters that act one after another. A graph of several averages them by their weights, or takes
// another one for each row (Setup.Rows).
type Branch struct {
	Slots  []int // indices into Setup.Slots, in the order in which they act
	Weight *Node // a scalar, by which the change that the branch makes is multiplied; nil means 1
	Row    int   // what Setup.Rows has for the rows of this branch
}

// Builder builds one graph of a model with adapters. Package peft makes one for each graph that it compiles; a test of a
// method's arithmetic may make its own.
type Builder struct{ call *Call }

// Build begins a graph of the model with the adapters of s. Graph-building.
func (f *Frozen) Build(g *graph.Graph, s Setup) *Builder {
	c := &Call{
		g: g, net: f, training: s.Random != nil, rng: s.Random, rows: s.Rows,
		frozen: map[string]*Node{}, wide: map[*Node]*Node{},
	}
	for _, given := range s.Slots {
		c.slots = append(c.slots, newSlot(given))
	}
	for _, b := range s.Branches {
		own := branch{weight: b.Weight, row: b.Row}
		for _, i := range b.Slots {
			own.slots = append(own.slots, c.slots[i])
		}
		c.branches = append(c.branches, own)
	}
	return &Builder{c}
}

func newSlot(given Slot) *slot {
	s := &slot{
		method: given.Method, params: given.Params, nodes: slices.Clone(given.Nodes), rows: given.Rows,
		index: map[string]int{}, sites: map[string]bool{}, swaps: map[string]int{},
	}
	for i, p := range s.params {
		s.index[paramID(p.Site, p.Name)] = i
		for _, site := range p.AlsoAt {
			s.index[paramID(site, p.Name)] = i
		}
		if p.Replaces != "" {
			s.swaps[p.Replaces] = i
		}
		for _, path := range p.Shared {
			s.swaps[path] = i
		}
		if p.Twin != nil && p.Twin.Replaces != "" {
			s.swaps[p.Twin.Replaces] = i
		}
		if s.rows != nil {
			s.nodes[i] = graph.Gather(s.nodes[i], graph.InsertAxes(s.rows, -1))
		}
	}
	for _, path := range given.Sites {
		s.sites[path] = true
	}
	return s
}

// Call gives the Call of the graph, which models and hooks are given.
func (b *Builder) Call() *Call { return b.call }

// FrozenPaths lists the paths of the frozen values that the graph reads so far. They are parameters of the graph, in this
// order.
func (b *Builder) FrozenPaths() []string { return b.call.frozenPaths }

// At gives an At of the first slot that stands at no site: its Global and ParamOf give the adapter's values.
func (b *Builder) At() *At { return &At{Call: b.call, slot: b.call.slots[0]} }

// CanMerge reports whether a method can be folded into frozen weights: it is a Merger or has a WeightHook.
func CanMerge(m Method) bool {
	_, merger := m.(Merger)
	_, weight := m.(WeightHook)
	return merger || weight
}

// Merge gives the frozen values that change, by path, when the adapters are folded, in their order, into every site where one
// acts; see CanMerge. As in a call, what each adapter takes for the frozen weight is that without the others. Graph-building.
func (b *Builder) Merge() Nodes {
	c := b.call
	changed := Nodes{}
	for _, some := range c.slots {
		for _, path := range slices.Sorted(maps.Keys(some.sites)) { // so that graphs of the same adapters are the same
			if changed[path+".weight"] != nil {
				continue
			}
			site := c.site(path)
			w := Affine{Map: &frozenMap{c, c.slots, site}}
			if c.Has(path + ".bias") {
				w.Bias, _ = c.valueIn(c.slots, path+".bias")
			}
			before := w.Bias
			for _, s := range c.slots {
				if s.sites[path] {
					w = merge(&At{Call: c, Site: site, slot: s, below: c.slots}, w)
				}
			}
			changed[path+".weight"] = laidOut(site, w.Map.Matrix())
			if w.Bias != before { // most methods leave it alone
				changed[path+".bias"] = w.Bias
			}
		}
	}
	return changed
}

// Changes gives by how much the first slot's adapter changes each site where it acts: under the site's path followed by ".weight" the change of
// its weight as a matrix [out, in], a convolution's with in/groups · kernel for in and an embedding's with its rows for in; under ".bias" that
// of its bias, where there is one. Values that it replaces count from the frozen ones. Graph-building.
func (b *Builder) Changes() Nodes {
	c := b.call
	out := Nodes{}
	for path, merged := range b.Merge() {
		module, name := names.CutLast(path)
		change := graph.Sub(merged, c.base(path))
		if name == "weight" {
			change = asMatrix(c.site(module), change)
		}
		out[path] = change
	}
	return out
}

// merge folds an adapter into what one site computes.
func merge(at *At, w Affine) Affine {
	if m, ok := at.slot.method.(Merger); ok {
		out := m.Merge(at, Weights{Weight: laidOut(at.Site, w.Map.Matrix()), Bias: w.Bias})
		return Affine{Map: wholeMap{asMatrix(at.Site, out.Weight)}, Bias: out.Bias}
	}
	hook, ok := at.slot.method.(WeightHook)
	if !ok {
		panic(fmt.Errorf("%w: what %T adds is no change of a weight", ErrMerge, at.slot.method))
	}
	out := hook.Weight(at, w)
	if out.Bias != nil && w.Bias == nil {
		panic(fmt.Errorf("%w: %s has no bias that could take up what the adapter adds", ErrMerge, at.Site.Path))
	}
	return out
}

// wholeMap is a site's weight as a matrix [out, in], with what was merged into it.
type wholeMap struct{ matrix *Node }

func (m wholeMap) Apply(x *Node) *Node           { return dense(x, m.matrix, false) }
func (m wholeMap) ApplyTransposed(y *Node) *Node { return dense(y, swapLast(m.matrix), false) }
func (m wholeMap) Matrix() *Node                 { return m.matrix }
