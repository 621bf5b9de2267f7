// Package gradient differentiates graphs and builds nothing that nobody needs.
//
// GoMLX's own graph.Gradient makes the gradient of every operand of a matrix product, that of a frozen weight too, and
// leaves it to the engine to find out that nothing reads it. With LoRA on a transformer that is a third of all products in
// the graph: work for every compiler, and for an engine that doesn't prune, for every step. [Of] walks the graph as
// graph.Gradient does, with the same rules for each operation (graph.VJPRegistration), so the numbers are the same; of a
// product it makes the gradients that are needed.
package gradient

import (
	"strings"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Of gives the gradients of a scalar with respect to nodes of its graph, each of the node's shape; zeros where it does not
// depend on the node. Graph-building: it panics as GoMLX does.
func Of(loss *graph.Node, of ...*graph.Node) []*graph.Node {
	if loss.Rank() != 0 || loss.DType().IsComplex() {
		return graph.Gradient(loss, of...) // which says what is wrong
	}
	w := newWalk(loss, of)
	if !w.plain() {
		return graph.Gradient(loss, of...)
	}
	w.adjoint[loss.Id()] = graph.Ones(loss.Graph(), shapes.Make(loss.DType()))
	for id := int(loss.Id()); id >= 0; id-- {
		w.visit(w.nodes[id])
	}
	out := make([]*graph.Node, len(of))
	for i, n := range of {
		if out[i] = w.adjoint[n.Id()]; out[i] == nil {
			out[i] = graph.ZerosLike(n)
		}
	}
	return out
}

// walk is one pass from a loss back to what it depends on.
type walk struct {
	nodes   []*graph.Node // up to the loss, by id: operands stand before what is made of them
	needed  []bool        // on a way from the loss to one of the nodes asked for
	adjoint map[graph.NodeId]*graph.Node
}

func newWalk(loss *graph.Node, of []*graph.Node) *walk {
	n := int(loss.Id()) + 1
	w := &walk{nodes: loss.Graph().Nodes()[:n], needed: make([]bool, n), adjoint: map[graph.NodeId]*graph.Node{}}
	for _, node := range of {
		if int(node.Id()) < n {
			w.needed[node.Id()] = true
		}
	}
	for id, node := range w.nodes {
		for _, operand := range node.Inputs() {
			w.needed[id] = w.needed[id] || w.needed[operand.Id()]
		}
	}
	above := make([]bool, n) // the loss depends on it
	above[loss.Id()] = true
	for id := n - 1; id >= 0; id-- {
		if above[id] {
			for _, operand := range w.nodes[id].Inputs() {
				above[operand.Id()] = true
			}
		}
		w.needed[id] = w.needed[id] && above[id]
	}
	return w
}

// needs reports whether the gradient of a node is to be made.
func (w *walk) needs(n *graph.Node) bool { return w.needed[n.Id()] && !n.StopGradient() }

// plain reports whether all that is to be differentiated is of a kind that is known here. What has several outputs, is
// fused or is computed again in the backward pass is left to graph.Gradient.
func (w *walk) plain() bool {
	for id, n := range w.nodes {
		if !w.needed[id] {
			continue
		}
		if n.NumOutputs() != 1 || n.Type() == graph.NodeTypeSplitNode || strings.Contains(n.Type().String(), "Fused") || recomputed(n) {
			return false
		}
	}
	return true
}

// visit passes a node's adjoint on to its operands.
func (w *walk) visit(n *graph.Node) {
	v := w.adjoint[n.Id()]
	if v == nil || !w.needs(n) {
		return
	}
	wanted := make([]bool, len(n.Inputs()))
	some := false
	for i, operand := range n.Inputs() {
		wanted[i] = w.needs(operand)
		some = some || wanted[i]
	}
	if !some {
		return
	}
	for i, g := range adjoints(n, v, wanted) {
		if g == nil || !wanted[i] {
			continue
		}
		id := n.Inputs()[i].Id()
		if before := w.adjoint[id]; before != nil {
			g = graph.Add(before, g)
		}
		w.adjoint[id] = g
	}
}

// adjoints gives those of a node's operands, at least the wanted ones, for its own.
func adjoints(n, v *graph.Node, wanted []bool) []*graph.Node {
	scalar := shapes.Make(v.DType())
	if own := n.CustomGradient(); own != nil {
		return own(n, []*graph.Node{v}, scalar)
	}
	if n.Type() == graph.NodeTypeDotGeneral {
		if p, ok := productOf(n); ok {
			return p.adjoints(v, wanted)
		}
	}
	vjp, ok := graph.VJPRegistration[n.Type()]
	if !ok {
		panic(undifferentiable(n))
	}
	return vjp(n, []*graph.Node{v}, scalar)
}
