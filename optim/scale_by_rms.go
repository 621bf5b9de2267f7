package optim

import "github.com/gomlx/gomlx/core/graph"

// ScaleByRMS divides each gradient g by the square root of a moving average v of its square, as RMSprop does:
//
//	v = alpha*v + (1-alpha)*g*g
//	u = g / (sqrt(v) + eps)
//
// With Centered, the square of a moving average of g is subtracted from v under the root. From Tieleman and
// Hinton 2012, "Lecture 6.5: rmsprop", and Graves 2013, "Generating Sequences With Recurrent Neural Networks".
type ScaleByRMS struct {
	Alpha    float64 // decay rate of the moving averages, in [0, 1)
	Eps      float64 // added to the denominator, against division by 0
	Centered bool    // divide by the standard deviation instead of the root mean square
}

var _ Transform = ScaleByRMS{}

// Validate implements [Transform].
func (t ScaleByRMS) Validate() error {
	return first(checkUnit("ScaleByRMS", "Alpha", t.Alpha), checkNonNegative("ScaleByRMS", "Eps", t.Eps))
}

// Key implements [Transform].
func (t ScaleByRMS) Key([]Variable) string {
	if t.Centered {
		return "rms-centered"
	}
	return "rms"
}

// Slots implements [Transform]: all "rms.v", then centered all "rms.m".
func (t ScaleByRMS) Slots(params []Variable) []Slot {
	slots := slotsLike("rms.v", params, 0)
	if t.Centered {
		slots = append(slots, slotsLike("rms.m", params, 0)...)
	}
	return slots
}

// Scalars implements [Transform].
func (t ScaleByRMS) Scalars(int, float64) []float64 { return []float64{t.Alpha, 1 - t.Alpha, t.Eps} }

// Update implements [Transform].
func (t ScaleByRMS) Update(c Inputs) (updates, state []*graph.Node) {
	alpha, fresh, eps := c.Scalars[0], c.Scalars[1], c.Scalars[2]
	v, m := cut(c.State, len(c.Params))
	v = each(v, func(i int, v *graph.Node) *graph.Node { return blend(alpha, v, fresh, graph.Square(c.Updates[i])) })
	m = each(m, func(i int, m *graph.Node) *graph.Node { return lerp(m, c.Updates[i], fresh) })
	updates = each(c.Updates, func(i int, g *graph.Node) *graph.Node {
		square := v[i]
		if t.Centered {
			square = graph.Sub(square, graph.Square(m[i]))
		}
		return graph.Div(g, graph.Add(graph.Sqrt(square), eps))
	})
	return updates, append(v, m...)
}
