package optim

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// ScaleByRAdam replaces each gradient by RAdam's update u: Adam's times a factor r that grows to 1 as the estimate of the
// second moment becomes reliable. In the first steps, where it is not yet, the update is the first moment alone. At step t
//
//	rho = rhoMax - 2*t*b2^t/(1-b2^t), rhoMax = 2/(1-b2) - 1
//	r   = sqrt((rho-4)*(rho-2)*rhoMax / ((rhoMax-4)*(rhoMax-2)*rho))
//	u   = m/(1-b1^t) * r*sqrt(1-b2^t)/(sqrt(v) + eps) where rho > 5, else m/(1-b1^t)
//
// From Liu et al. 2020, "On the Variance of the Adaptive Learning Rate and Beyond", with PyTorch's threshold.
type ScaleByRAdam struct {
	Betas [2]float64 // decay rates of the first and the second moment, in [0, 1)
	Eps   float64    // added to the denominator, against division by 0
}

var _ Transform = ScaleByRAdam{}

// Validate implements [Transform].
func (t ScaleByRAdam) Validate() error { return checkMoments("ScaleByRAdam", t.Betas, t.Eps) }

// Key implements [Transform].
func (t ScaleByRAdam) Key([]Variable) string { return "radam" }

// Slots implements [Transform]: all "radam.m", then all "radam.v".
func (t ScaleByRAdam) Slots(params []Variable) []Slot {
	return append(slotsLike("radam.m", params, 0), slotsLike("radam.v", params, 0)...)
}

// Scalars implements [Transform].
func (t ScaleByRAdam) Scalars(step int, _ float64) []float64 {
	b1, b2, n := t.Betas[0], t.Betas[1], float64(step)
	bias2 := 1 - math.Pow(b2, n)
	rhoMax := 2/(1-b2) - 1
	rho := rhoMax - 2*n*math.Pow(b2, n)/bias2
	trusted, factor := 0.0, 0.0
	if rho > 5 {
		trusted = 1
		factor = math.Sqrt((rho - 4) * (rho - 2) * rhoMax / ((rhoMax - 4) * (rhoMax - 2) * rho) * bias2)
	}
	return []float64{1 - b1, b2, 1 - b2, t.Eps, 1 - math.Pow(b1, n), trusted, factor}
}

// Update implements [Transform].
func (t ScaleByRAdam) Update(c Inputs) (updates, state []*graph.Node) {
	newOf1, b2, newOf2, eps := c.Scalars[0], c.Scalars[1], c.Scalars[2], c.Scalars[3]
	bias1, trusted, factor := c.Scalars[4], c.Scalars[5], c.Scalars[6]
	m, v := cut(c.State, len(c.Params))
	m = each(m, func(i int, m *graph.Node) *graph.Node { return lerp(m, c.Updates[i], newOf1) })
	v = each(v, func(i int, v *graph.Node) *graph.Node { return blend(b2, v, newOf2, graph.Square(c.Updates[i])) })
	updates = each(m, func(i int, m *graph.Node) *graph.Node {
		trust := graph.GreaterThan(trusted, graph.ScalarZero(trusted.Graph(), dtypes.Float32))
		bare := graph.Div(m, bias1)
		return graph.Where(trust, graph.Mul(bare, graph.Div(factor, graph.Add(graph.Sqrt(v[i]), eps))), bare)
	})
	return updates, append(m, v...)
}
