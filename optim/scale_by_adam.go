package optim

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// ScaleByAdam replaces each gradient g by Adam's update u. At step t, with moments m and v that are 0 before the first step,
//
//	m = b1*m + (1-b1)*g
//	v = b2*v + (1-b2)*g*g
//	u = m/(1-b1^t) / (sqrt(v/(1-b2^t)) + eps)
//
// With AMSGrad the largest v so far takes the place of v. From Kingma and Ba 2015, "Adam: A Method for
// Stochastic Optimization", and Reddi et al. 2018, "On the Convergence of Adam and Beyond".
//
// Unlike in [Adam] and [AdamW], a field that is 0 means 0.
type ScaleByAdam struct {
	Betas   [2]float64 // decay rates of the first and the second moment, in [0, 1)
	Eps     float64    // added to the denominator, against division by 0
	AMSGrad bool       // use the largest second moment so far
}

var _ Transform = ScaleByAdam{}

// Validate implements [Transform].
func (t ScaleByAdam) Validate() error { return checkMoments("ScaleByAdam", t.Betas, t.Eps) }

// Key implements [Transform].
func (t ScaleByAdam) Key([]Variable) string {
	if t.AMSGrad {
		return "amsgrad"
	}
	return "adam"
}

// Slots implements [Transform]: all "adam.m", then all "adam.v", then with AMSGrad all "adam.vmax".
func (t ScaleByAdam) Slots(params []Variable) []Slot {
	slots := append(slotsLike("adam.m", params, 0), slotsLike("adam.v", params, 0)...)
	if t.AMSGrad {
		slots = append(slots, slotsLike("adam.vmax", params, 0)...)
	}
	return slots
}

// Scalars implements [Transform].
func (t ScaleByAdam) Scalars(step int, _ float64) []float64 {
	b1, b2 := t.Betas[0], t.Betas[1]
	return []float64{
		1 - b1, b2, 1 - b2, t.Eps,
		1 - math.Pow(b1, float64(step)),
		math.Sqrt(1 - math.Pow(b2, float64(step))),
	}
}

// Update implements [Transform].
func (t ScaleByAdam) Update(c Inputs) (updates, state []*graph.Node) {
	newOf1, b2, newOf2, eps := c.Scalars[0], c.Scalars[1], c.Scalars[2], c.Scalars[3]
	bias1, rootBias2 := c.Scalars[4], c.Scalars[5]
	m, rest := cut(c.State, len(c.Params))
	v, largest := cut(rest, len(c.Params))

	m = each(m, func(i int, m *graph.Node) *graph.Node { return lerp(m, c.Updates[i], newOf1) })
	v = each(v, func(i int, v *graph.Node) *graph.Node {
		return blend(b2, v, newOf2, graph.Square(c.Updates[i]))
	})
	divisor := v
	if t.AMSGrad {
		largest = each(largest, func(i int, old *graph.Node) *graph.Node { return graph.Max(old, v[i]) })
		divisor = largest
	}
	updates = each(m, func(i int, m *graph.Node) *graph.Node {
		root := graph.Div(graph.Sqrt(divisor[i]), rootBias2)
		return graph.Div(graph.Div(m, bias1), graph.Add(root, eps))
	})
	return updates, append(append(m, v...), largest...)
}
