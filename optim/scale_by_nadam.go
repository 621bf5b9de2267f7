package optim

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// ScaleByNAdam replaces each gradient g by NAdam's update u: Adam's with Nesterov momentum. With Adam's moments m and v, and a
// momentum mu that changes from step to step, at step t
//
//	mu_t = b1 * (1 - 0.96^(t*momentumDecay)/2)
//	M_t  = mu_1 * ... * mu_t
//	u    = ((1-mu_t)/(1-M_t)*g + mu_(t+1)/(1-M_(t+1))*m) / (sqrt(v/(1-b2^t)) + eps)
//
// From Dozat 2016, "Incorporating Nesterov Momentum into Adam".
type ScaleByNAdam struct {
	Betas         [2]float64 // decay rates of the first and the second moment, in [0, 1)
	Eps           float64    // added to the denominator, against division by 0
	MomentumDecay float64    // how fast the momentum rises from b1/2 to b1; 0 or more
}

var _ Transform = ScaleByNAdam{}

// Validate implements [Transform].
func (t ScaleByNAdam) Validate() error {
	return first(
		checkMoments("ScaleByNAdam", t.Betas, t.Eps),
		checkNonNegative("ScaleByNAdam", "MomentumDecay", t.MomentumDecay))
}

// Key implements [Transform].
func (t ScaleByNAdam) Key([]Variable) string { return "nadam" }

// Slots implements [Transform]: all "nadam.m", then all "nadam.v".
func (t ScaleByNAdam) Slots(params []Variable) []Slot {
	return append(slotsLike("nadam.m", params, 0), slotsLike("nadam.v", params, 0)...)
}

// Scalars implements [Transform].
func (t ScaleByNAdam) Scalars(step int, _ float64) []float64 {
	b1, b2 := t.Betas[0], t.Betas[1]
	mu := func(step int) float64 { return b1 * (1 - 0.5*math.Pow(0.96, float64(step)*t.MomentumDecay)) }
	product := 1.0
	// What is left of the product below 1e-30 changes nothing, and the first factors are near one half: the
	// work per step is bounded, and no state is needed.
	for i := 1; i <= step && product > 1e-30; i++ {
		product *= mu(i)
	}
	now, next := mu(step), mu(step+1)
	return []float64{
		1 - b1, b2, 1 - b2, t.Eps,
		1 - math.Pow(b2, float64(step)),
		(1 - now) / (1 - product),
		next / (1 - product*next),
	}
}

// Update implements [Transform].
func (t ScaleByNAdam) Update(c Inputs) (updates, state []*graph.Node) {
	newOf1, b2, newOf2, eps := c.Scalars[0], c.Scalars[1], c.Scalars[2], c.Scalars[3]
	bias2, ofGrad, ofMoment := c.Scalars[4], c.Scalars[5], c.Scalars[6]
	m, v := cut(c.State, len(c.Params))
	m = each(m, func(i int, m *graph.Node) *graph.Node { return lerp(m, c.Updates[i], newOf1) })
	v = each(v, func(i int, v *graph.Node) *graph.Node { return blend(b2, v, newOf2, graph.Square(c.Updates[i])) })
	updates = each(c.Updates, func(i int, g *graph.Node) *graph.Node {
		return graph.Div(blend(ofGrad, g, ofMoment, m[i]), graph.Add(graph.Sqrt(graph.Div(v[i], bias2)), eps))
	})
	return updates, append(m, v...)
}
