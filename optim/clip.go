package optim

import "github.com/gomlx/gomlx/core/graph"

// ClipNorm limits the norm of the gradients of all parameters together, against steps that are too large: it scales them by
// Max/(norm + 1e-6), at most 1, as torch.nn.utils.clip_grad_norm_ does. Put it first in a chain. If the norm is infinite or
// NaN, all updates become NaN, so that this does not pass unnoticed.
//
// From Pascanu et al. 2013, "On the difficulty of training recurrent neural networks".
type ClipNorm struct {
	Max float64 // largest norm; 0 means no limit
}

var _ Transform = ClipNorm{}

// Validate implements [Transform].
func (t ClipNorm) Validate() error { return checkNonNegative("ClipNorm", "Max", t.Max) }

// Key implements [Transform].
func (t ClipNorm) Key([]Variable) string {
	if t.Max == 0 {
		return "[]"
	}
	return "clip"
}

// Slots implements [Transform]: none.
func (t ClipNorm) Slots([]Variable) []Slot { return nil }

// Scalars implements [Transform].
func (t ClipNorm) Scalars(int, float64) []float64 {
	if t.Max == 0 {
		return nil
	}
	return []float64{t.Max}
}

// Update implements [Transform].
func (t ClipNorm) Update(c Inputs) (updates, state []*graph.Node) {
	if t.Max == 0 || len(c.Updates) == 0 {
		return c.Updates, nil
	}
	norm := globalNorm(c.Updates)
	factor := graph.MinScalar(graph.Div(c.Scalars[0], graph.AddScalar(norm, 1e-6)), 1.0)
	return scaled(factor, c.Updates), nil
}

// globalNorm gives the Euclidean norm of all nodes taken as one vector, a scalar of their dtype. There must be some.
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
