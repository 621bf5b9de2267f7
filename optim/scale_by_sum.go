package optim

import "github.com/gomlx/gomlx/core/graph"

// ScaleBySum divides each gradient g by the square root of the sum of its squares so far, as Adagrad does. At step t
//
//	s = s + g*g
//	u = g / (sqrt(s) + eps) / (1 + (t-1)*rateDecay)
//
// From Duchi, Hazan and Singer 2011, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization".
type ScaleBySum struct {
	Initial   float64 // initial value of the sums, 0 or more
	Eps       float64 // added to the denominator, against division by 0
	RateDecay float64 // how fast updates shrink over the steps, 0 or more; lr_decay in PyTorch
}

var _ Transform = ScaleBySum{}

// Validate implements [Transform].
func (t ScaleBySum) Validate() error {
	return first(
		checkNonNegative("ScaleBySum", "Initial", t.Initial),
		checkNonNegative("ScaleBySum", "Eps", t.Eps),
		checkNonNegative("ScaleBySum", "RateDecay", t.RateDecay))
}

// Key implements [Transform].
func (t ScaleBySum) Key([]Variable) string { return "adagrad" }

// Slots implements [Transform]: all "adagrad.sum".
func (t ScaleBySum) Slots(params []Variable) []Slot {
	return slotsLike("adagrad.sum", params, t.Initial)
}

// Scalars implements [Transform].
func (t ScaleBySum) Scalars(step int, _ float64) []float64 {
	return []float64{t.Eps, 1 / (1 + float64(step-1)*t.RateDecay)}
}

// Update implements [Transform].
func (t ScaleBySum) Update(c Inputs) (updates, state []*graph.Node) {
	state = each(c.State, func(i int, s *graph.Node) *graph.Node { return graph.Add(s, graph.Square(c.Updates[i])) })
	updates = each(c.Updates, func(i int, g *graph.Node) *graph.Node {
		return graph.Mul(c.Scalars[1], graph.Div(g, graph.Add(graph.Sqrt(state[i]), c.Scalars[0])))
	})
	return updates, state
}
