package optim

import "github.com/gomlx/gomlx/core/graph"

// ScaleByAdadelta replaces each gradient g by Adadelta's update u, which has the unit of the parameter:
//
//	v = rho*v + (1-rho)*g*g
//	u = g * sqrt(d + eps) / sqrt(v + eps)
//	d = rho*d + (1-rho)*u*u
//
// From Zeiler 2012, "ADADELTA: An Adaptive Learning Rate Method".
type ScaleByAdadelta struct {
	Rho float64 // decay rate of the moving averages, in [0, 1)
	Eps float64 // added under both square roots; with 0 parameters never move
}

var _ Transform = ScaleByAdadelta{}

// Validate implements [Transform].
func (t ScaleByAdadelta) Validate() error {
	return first(checkUnit("ScaleByAdadelta", "Rho", t.Rho), checkNonNegative("ScaleByAdadelta", "Eps", t.Eps))
}

// Key implements [Transform].
func (t ScaleByAdadelta) Key([]Variable) string { return "adadelta" }

// Slots implements [Transform]: all "adadelta.v", then all "adadelta.d".
func (t ScaleByAdadelta) Slots(params []Variable) []Slot {
	return append(slotsLike("adadelta.v", params, 0), slotsLike("adadelta.d", params, 0)...)
}

// Scalars implements [Transform].
func (t ScaleByAdadelta) Scalars(int, float64) []float64 { return []float64{t.Rho, 1 - t.Rho, t.Eps} }

// Update implements [Transform].
func (t ScaleByAdadelta) Update(c Inputs) (updates, state []*graph.Node) {
	rho, fresh, eps := c.Scalars[0], c.Scalars[1], c.Scalars[2]
	v, d := cut(c.State, len(c.Params))
	root := func(x *graph.Node) *graph.Node { return graph.Sqrt(graph.Add(x, eps)) }
	v = each(v, func(i int, v *graph.Node) *graph.Node { return blend(rho, v, fresh, graph.Square(c.Updates[i])) })
	updates = each(c.Updates, func(i int, g *graph.Node) *graph.Node {
		return graph.Mul(graph.Div(root(d[i]), root(v[i])), g)
	})
	d = each(d, func(i int, d *graph.Node) *graph.Node { return blend(rho, d, fresh, graph.Square(updates[i])) })
	return updates, append(v, d...)
}
