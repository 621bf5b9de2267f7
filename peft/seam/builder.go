package seam

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Setup says which adapters act in a graph, and how.
type Setup struct {
	Slots    []Slot
	Branches []Branch
	// Rows, int32 [batch], gives the Branch.Row that each row of the batch belongs to; nil where rows don't differ.
	Rows *Node
	// Random is the state of random numbers while training, uint32 [2]: a key, and a number that differs from step to
	// step. nil is a call outside of training, where nothing is dropped.
	Random *Node
}

// Slot is one adapter in a graph, or several of one kind whose values are stacked.
type Slot struct {
	Method Method
	Params []Param
	Nodes  []*Node  // the values, one for each of Params
	Sites  []string // paths where the method's hooks are called
	// Rows, int32 [batch], says which entry of each value's first axis a row takes; nil where values have no such axis.
	Rows *Node
}

// Branch is one chain of adapters. The chains of an average are weighted and added up; those of a batch whose rows differ
// each give the rows that belong to them.
type Branch struct {
	Slots  []int // indices into Setup.Slots, in the order in which they act
	Weight *Node // a scalar; nil takes all of it
	Row    int   // see Setup.Rows
}

// Builder builds one graph of a model with adapters. Package peft makes one for each program that it compiles; tests of a
// method's arithmetic may make their own.
type Builder struct{ call *Call }

// Build begins a graph of the model.
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
		if p.Replaces != "" {
			s.swaps[p.Replaces] = i
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

// Call gives what models and methods see of the graph.
func (b *Builder) Call() *Call { return b.call }

// FrozenPaths lists the frozen values that the graph reads, in the order in which it made its parameters for them.
func (b *Builder) FrozenPaths() []string { return b.call.frozenPaths }

// At gives what the first slot's method sees outside of sites: its values.
func (b *Builder) At() *At { return &At{Call: b.call, slot: b.call.slots[0]} }

// Merge gives the new frozen values, by path, of every site where the first slot acts.
func (b *Builder) Merge(m Merger) Nodes {
	c := b.call
	s := c.slots[0]
	changed := Nodes{}
	for path := range s.sites {
		at := &At{Call: c, Site: c.site(path), slot: s, below: []*slot{s}}
		w := Weights{}
		w.Weight, _ = c.valueIn(at.below, path+".weight")
		if c.Has(path + ".bias") {
			w.Bias, _ = c.valueIn(at.below, path+".bias")
		}
		merged := m.Merge(at, w)
		changed[path+".weight"] = merged.Weight
		if merged.Bias != w.Bias { // most methods leave it alone
			changed[path+".bias"] = merged.Bias
		}
	}
	return changed
}
