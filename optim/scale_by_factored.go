package optim

import (
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// ScaleByFactored divides each gradient g by the square root of Adafactor's estimate v of its second moment. For a matrix it
// keeps only the means of the squares by row, r, and by column, c. A tensor of more axes is a stack of matrices; for one of
// fewer axes all squares are kept. At step t, with w = t^decay,
//
//	r = r + w*(mean of g*g along rows    - r)
//	c = c + w*(mean of g*g along columns - c)
//	v = r*c / max(mean of r, eps)
//	u = g / sqrt(max(v, eps*eps))
//
// From Shazeer and Stern 2018, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost"; eps as in torch.
type ScaleByFactored struct {
	Beta2Decay float64 // exponent of a new square's weight, 0 or less; -0.8 in the paper
	Eps        float64 // smallest square root of the estimate
}

var _ Transform = ScaleByFactored{}

// Validate implements [Transform].
func (t ScaleByFactored) Validate() error {
	if !(t.Beta2Decay <= 0) || math.IsInf(t.Beta2Decay, 0) {
		return &FieldError{"ScaleByFactored", "Beta2Decay", t.Beta2Decay, "a finite number, zero or less"}
	}
	return checkNonNegative("ScaleByFactored", "Eps", t.Eps)
}

// Key implements [Transform].
func (t ScaleByFactored) Key([]Variable) string { return "factored" }

// Slots implements [Transform]: for each parameter "factored.row" and "factored.col", or "factored.v" below rank 2.
func (t ScaleByFactored) Slots(params []Variable) []Slot {
	var slots []Slot
	for _, p := range params {
		dims := p.Shape.Dimensions
		if len(dims) < 2 {
			slots = append(slots, slotsLike("factored.v", []Variable{p}, 0)...)
			continue
		}
		row, col := slices.Clone(dims), slices.Clone(dims)
		row[len(dims)-1], col[len(dims)-2] = 1, 1
		slots = append(slots,
			Slot{Name: "factored.row/" + p.Path, Shape: shapes.Make(dtypes.Float32, row...)},
			Slot{Name: "factored.col/" + p.Path, Shape: shapes.Make(dtypes.Float32, col...)})
	}
	return slots
}

// Scalars implements [Transform].
func (t ScaleByFactored) Scalars(step int, _ float64) []float64 {
	return []float64{math.Pow(float64(step), t.Beta2Decay), t.Eps, t.Eps * t.Eps}
}

// Update implements [Transform].
func (t ScaleByFactored) Update(c Inputs) (updates, state []*graph.Node) {
	weight, eps, eps2 := c.Scalars[0], c.Scalars[1], c.Scalars[2]
	rest := c.State
	for _, g := range c.Updates {
		square, estimate := graph.Square(g), (*graph.Node)(nil)
		if g.Rank() < 2 {
			estimate = lerp(rest[0], square, weight)
			state, rest = append(state, estimate), rest[1:]
		} else {
			row := lerp(rest[0], graph.ReduceAndKeep(square, graph.ReduceMean, -1), weight)
			col := lerp(rest[1], graph.ReduceAndKeep(square, graph.ReduceMean, -2), weight)
			state, rest = append(state, row, col), rest[2:]
			mean := graph.Max(graph.ReduceAndKeep(row, graph.ReduceMean, -2), eps)
			estimate = graph.Div(graph.Mul(row, col), mean)
		}
		updates = append(updates, graph.Div(g, graph.Sqrt(graph.Max(estimate, eps2))))
	}
	return updates, state
}
