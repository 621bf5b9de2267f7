package frod

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// method is FRoD with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Ignorer     = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("dropout=%g", m.c.Dropout) }

// Weight implements seam.WeightHook: W becomes W + U (S + diag(lambda - lengths)) V^T, in which W is U diag(lengths) V^T.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	name, n := category(at.Site.Path), at.Site.In
	v, u := at.Global(nameV+name), at.Param(nameU)
	diagonal := graph.Sub(at.Param(nameLambda), at.Param(nameLengths))
	sparse := graph.Zeros(at.Graph(), shapes.Make(dtypes.Float32, n, n))
	if at.HasParam(nameValues) {
		places := graph.Transpose(at.Global(nameIndices+name), 0, 1)
		sparse = graph.ScatterSum(sparse, places, at.Param(nameValues), false, true)
	}
	var update seam.Map
	if tokens(at) > n*2/3 { // then n³ costs less than what each token costs in three steps
		diagonal = graph.Mul(graph.InsertAxes(diagonal, -1), graph.Transpose(v, 0, 1))
		middle := graph.Add(graph.Dot(sparse, v).General([]int{1}, nil, []int{1}, nil), diagonal)
		update = at.Weight(graph.Dot(u, middle).Product())
	} else {
		middle := at.Plus(at.Diagonal(diagonal), &seam.MapFunc{At: at, Width: n, Function: func(z *seam.Node) *seam.Node { return at.Dense(z, sparse) }})
		update = at.Times(at.Weight(u), middle, at.Weight(graph.Transpose(v, 0, 1)))
	}
	w.Map = at.Plus(w.Map, at.Dropped(update, m.c.Dropout))
	return w
}

// tokens is how many there are in the input of the model, as far as its arguments tell.
func tokens(at *seam.At) int {
	for _, name := range []string{"input_ids", "inputs_embeds", "attention_mask"} {
		if x := at.Argument(name); x != nil && x.Rank() >= 2 {
			return x.Shape().Dimensions[0] * x.Shape().Dimensions[1]
		}
	}
	return math.MaxInt
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if *m.c.InitWeights {
		return 0, ""
	}
	return math.Inf(1), "the values are random"
}
