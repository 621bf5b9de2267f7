package optim

import "github.com/gomlx/gomlx/core/graph"

// ClipNorm scales all updates by one factor so that their joint norm stays below Max, as torch's
// clip_grad_norm_ does: the factor is Max/(norm + 1e-6), at most 1. It stands at the head of a chain. A norm that
// is not finite makes every update NaN rather than pass for a small one.
//
// From Pascanu et al. 2013, "On the difficulty of training recurrent neural networks".
type ClipNorm struct {
	Max float64 // limit of the norm; zero clips nothing
}

var _ Transform = ClipNorm{}

// Validate implements [Transform].
func (t ClipNorm) Validate() error { return checkNonNegative("ClipNorm", "Max", t.Max) }

// Key implements [Transform].
func (t ClipNorm) Key([]Param) string {
	if t.Max == 0 {
		return "[]"
	}
	return "clip"
}

// Slots implements [Transform]: none.
func (t ClipNorm) Slots([]Param) []Slot { return nil }

// Scalars implements [Transform].
func (t ClipNorm) Scalars(int, float64) []float64 {
	if t.Max == 0 {
		return nil
	}
	return []float64{t.Max}
}

// Update implements [Transform].
func (t ClipNorm) Update(c Call) (updates, state []*graph.Node) {
	if t.Max == 0 || len(c.Updates) == 0 {
		return c.Updates, nil
	}
	norm := globalNorm(c.Updates)
	factor := graph.MinScalar(graph.Div(c.Scalars[0], graph.AddScalar(norm, 1e-6)), 1.0)
	return scaled(factor, c.Updates), nil
}

// globalNorm returns the Euclidean norm of all nodes taken as one vector, a scalar of their dtype; nodes must not
// be empty. Graph-building.
func globalNorm(nodes []*graph.Node) *graph.Node {
	var sum *graph.Node
	for _, x := range nodes {
		squares := graph.Square(x)
		// Axis by axis, so that one float32 sum never runs over millions of terms and drops the small ones.
		for squares.Rank() > 0 {
			squares = graph.ReduceSum(squares, -1)
		}
		if sum == nil {
			sum = squares
		} else {
			sum = graph.Add(sum, squares)
		}
	}
	return graph.Sqrt(sum)
}
