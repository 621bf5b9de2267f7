package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// LossFunc builds the loss that a run makes small, from a forward pass: see Options.Loss. It gives a scalar. It is called
// while a graph is built, once for each shape of batches, so it must not depend on anything that changes during the
// run. As GoMLX's functions do, it may panic; Fit and Evaluate then return an error.
type LossFunc func(p *Pass) *graph.Node

// Pass is the forward pass of one batch, as a LossFunc sees it. Its methods build graphs: they panic where there is
// nothing of the name that they are asked for.
type Pass struct {
	call    *seam.Call
	forward seam.Nodes // forward's arguments
	own     seam.Nodes // the loss's
	outputs seam.Nodes
	bare    seam.Nodes // nil until asked for
	teacher seam.Nodes
	rows    *graph.Node
	// penalised tells that the loss was made of the backbone's own, which holds the adapter's penalty.
	penalised bool
}

// Output gives an output of the backbone with the adapter, under its name in transformers: "logits" for most heads, and
// "loss", the backbone's own, where the batch has labels. A term that the adapter adds to every loss, as AdaLoRA's of
// orthogonality, is part of "loss"; to a loss that is not made of it, the run adds it.
func (p *Pass) Output(name string) *graph.Node {
	p.penalised = p.penalised || name == "loss"
	return pick("output of the backbone", name, p.outputs)
}

// Bare gives the same output of the backbone without any adapter, on the same arguments and without dropout. No gradient
// goes through it.
func (p *Pass) Bare(name string) *graph.Node {
	if p.bare == nil {
		p.bare = p.call.Bare(p.forward)
	}
	return pick("output of the backbone", name, p.bare)
}

// Teacher gives an output of Options.Teacher. No gradient goes through it.
func (p *Pass) Teacher(name string) *graph.Node {
	return pick("output of the teacher", name, p.teacher)
}

// Input gives a tensor of the batch: an argument of the forward pass ("attention_mask", "labels") or one that
// Options.LossInputs names.
func (p *Pass) Input(name string) *graph.Node {
	all := maps.Clone(p.forward)
	maps.Copy(all, p.own)
	return pick("tensor of the batch", name, all)
}

// Training reports whether this is a step of training rather than an evaluation.
func (p *Pass) Training() bool { return p.call.Training() }

// RowMask gives 1 for each row of the batch that is an example and 0 for the rows that only fill it up, float32 [rows].
func (p *Pass) RowMask(rows int) *graph.Node {
	row := graph.Iota(p.rows.Graph(), shapes.Make(dtypes.Int32, rows), 0)
	return graph.ConvertDType(graph.LessThan(row, p.rows), dtypes.Float32)
}

// MeanRows averages a value for each row, float32 [rows], over the rows that are examples: the last batch of an epoch
// is filled up with others.
func (p *Pass) MeanRows(values *graph.Node) *graph.Node {
	if values.Rank() != 1 {
		panic(fmt.Errorf("MeanRows wants one value a row, got the shape %s", values.Shape()))
	}
	mask := p.RowMask(values.Shape().Dimensions[0])
	return graph.Div(graph.ReduceAllSum(graph.Mul(values, mask)), graph.ReduceAllSum(mask))
}

// pick gives the node of a name, or says which there are.
func pick(what, name string, from seam.Nodes) *graph.Node {
	n, ok := from[name]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(from)), ", ")
		if known == "" {
			known = "none"
		}
		panic(optionf("Loss", "asks for the %s %q, and there are %s", what, name, known))
	}
	return n
}
