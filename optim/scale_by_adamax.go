package optim

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// ScaleByAdamax replaces each gradient g by Adamax's update u: Adam's, with a decaying maximum n of the gradients in place of
// the second moment. At step t
//
//	m = b1*m + (1-b1)*g
//	n = max(b2*n, |g| + eps)
//	u = m/(1-b1^t) / n
//
// From section 7 of Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization"; eps as in torch.
type ScaleByAdamax struct {
	Betas [2]float64 // decay rates of the moment and of the maximum, in [0, 1)
	Eps   float64    // added to the denominator, against division by 0
}

var _ Transform = ScaleByAdamax{}

// Validate implements [Transform].
func (t ScaleByAdamax) Validate() error { return checkMoments("ScaleByAdamax", t.Betas, t.Eps) }

// Key implements [Transform].
func (t ScaleByAdamax) Key([]Variable) string { return "adamax" }

// Slots implements [Transform]: all "adamax.m", then all "adamax.n".
func (t ScaleByAdamax) Slots(params []Variable) []Slot {
	return append(slotsLike("adamax.m", params, 0), slotsLike("adamax.n", params, 0)...)
}

// Scalars implements [Transform].
func (t ScaleByAdamax) Scalars(step int, _ float64) []float64 {
	b1, b2 := t.Betas[0], t.Betas[1]
	return []float64{1 - b1, b2, t.Eps, 1 - math.Pow(b1, float64(step))}
}

// Update implements [Transform].
func (t ScaleByAdamax) Update(c Inputs) (updates, state []*graph.Node) {
	newOf1, b2, eps, bias1 := c.Scalars[0], c.Scalars[1], c.Scalars[2], c.Scalars[3]
	m, n := cut(c.State, len(c.Params))
	m = each(m, func(i int, m *graph.Node) *graph.Node { return lerp(m, c.Updates[i], newOf1) })
	n = each(n, func(i int, n *graph.Node) *graph.Node {
		return graph.Max(graph.Mul(b2, n), graph.Add(graph.Abs(c.Updates[i]), eps))
	})
	updates = each(m, func(i int, m *graph.Node) *graph.Node { return graph.Div(graph.Div(m, bias1), n[i]) })
	return updates, append(m, n...)
}
