package peft

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// arguments are all inputs of a program but the model's values.
type arguments struct {
	names  []string // of forward's arguments, sorted
	extra  int
	values []*Tensor // forward's arguments, extra inputs, then the adapters'
	act    *active
}

func newArguments(in Tensors, extra []*Tensor, act *active) *arguments {
	a := &arguments{names: slices.Sorted(maps.Keys(in)), extra: len(extra), act: act}
	for _, n := range a.names {
		a.values = append(a.values, in[n])
	}
	a.values = append(append(a.values, extra...), act.inputs()...)
	return a
}

// key tells compiled programs apart: by what is computed, of which shapes, with which adapters.
func (a *arguments) key(p program) string {
	var key strings.Builder
	fmt.Fprintf(&key, "%s;%t;", p.key, p.training)
	for i, n := range a.names {
		fmt.Fprintf(&key, "%s:%s;", n, a.values[i].Shape())
	}
	for _, t := range a.values[len(a.names) : len(a.names)+a.extra] {
		fmt.Fprintf(&key, "%s;", t.Shape())
	}
	return key.String() + a.act.key()
}

// parameters makes a parameter of the graph for each value, in their order.
func (a *arguments) parameters(g *graph.Graph) (in seam.Nodes, extra, adapters []*seam.Node) {
	nodes := make([]*seam.Node, len(a.values))
	for i, t := range a.values {
		nodes[i] = graph.Parameter(g, fmt.Sprintf("in%d", i), t.Shape())
	}
	n := len(a.names)
	in = make(seam.Nodes, n)
	for i, name := range a.names {
		in[name] = nodes[i]
	}
	return in, nodes[n : n+a.extra], nodes[n+a.extra:]
}

// sorted gives named outputs in the order of their names.
func sorted(outputs seam.Nodes) ([]*seam.Node, []string) {
	names := slices.Sorted(maps.Keys(outputs))
	out := make([]*seam.Node, len(names))
	for i, n := range names {
		out[i] = outputs[n]
	}
	return out, names
}

func zip(names []string, values []*Tensor) Tensors {
	out := make(Tensors, len(names))
	for i, n := range names {
		out[n] = values[i]
	}
	return out
}
