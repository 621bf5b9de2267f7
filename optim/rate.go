package optim

import "github.com/gomlx/gomlx/core/graph"

// ScaleByRate multiplies updates by minus the learning rate: it turns a direction of ascent into a step of
// descent, and stands at the end of an optimiser's chain.
type ScaleByRate struct{}

var _ Transform = ScaleByRate{}

// Validate implements [Transform].
func (ScaleByRate) Validate() error { return nil }

// Key implements [Transform].
func (ScaleByRate) Key([]Param) string { return "rate" }

// Slots implements [Transform]: none.
func (ScaleByRate) Slots([]Param) []Slot { return nil }

// Scalars implements [Transform].
func (ScaleByRate) Scalars(_ int, lr float64) []float64 { return []float64{-lr} }

// Update implements [Transform].
func (ScaleByRate) Update(c Call) (updates, state []*graph.Node) {
	return scaled(c.Scalars[0], c.Updates), nil
}

// Scale multiplies updates by Factor. In a [Mask] it gives a group of parameters its own learning rate, as a
// multiple of the common one.
type Scale struct {
	Factor float64 // any finite number; zero holds parameters still
}

var _ Transform = Scale{}

// Validate implements [Transform].
func (t Scale) Validate() error { return checkFinite("Scale", "Factor", t.Factor) }

// Key implements [Transform].
func (t Scale) Key([]Param) string { return "scale" }

// Slots implements [Transform]: none.
func (t Scale) Slots([]Param) []Slot { return nil }

// Scalars implements [Transform].
func (t Scale) Scalars(int, float64) []float64 { return []float64{t.Factor} }

// Update implements [Transform].
func (t Scale) Update(c Call) (updates, state []*graph.Node) {
	return scaled(c.Scalars[0], c.Updates), nil
}

// scaled multiplies every node by the scalar factor.
func scaled(factor *graph.Node, nodes []*graph.Node) []*graph.Node {
	return each(nodes, func(_ int, x *graph.Node) *graph.Node { return graph.Mul(factor, x) })
}
