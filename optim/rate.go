package optim

import "github.com/gomlx/gomlx/core/graph"

// ScaleByRate multiplies updates by minus the learning rate, so that they go down the gradient. It is the last transform of an
// optimiser's chain.
type ScaleByRate struct{}

var _ Transform = ScaleByRate{}

// Validate implements [Transform].
func (ScaleByRate) Validate() error { return nil }

// Key implements [Transform].
func (ScaleByRate) Key([]Variable) string { return "rate" }

// Slots implements [Transform]: none.
func (ScaleByRate) Slots([]Variable) []Slot { return nil }

// Scalars implements [Transform].
func (ScaleByRate) Scalars(_ int, lr float64) []float64 { return []float64{-lr} }

// Update implements [Transform].
func (ScaleByRate) Update(c Inputs) (updates, state []*graph.Node) {
	return scaled(c.Scalars[0], c.Updates), nil
}

// Scale multiplies updates by Factor. In a [Mask] behind an optimiser it gives some parameters another learning rate, as a
// multiple of that of the others.
type Scale struct {
	Factor float64 // any finite number; 0 freezes the parameters
}

var _ Transform = Scale{}

// Validate implements [Transform].
func (t Scale) Validate() error { return checkFinite("Scale", "Factor", t.Factor) }

// Key implements [Transform].
func (t Scale) Key([]Variable) string { return "scale" }

// Slots implements [Transform]: none.
func (t Scale) Slots([]Variable) []Slot { return nil }

// Scalars implements [Transform].
func (t Scale) Scalars(int, float64) []float64 { return []float64{t.Factor} }

// Update implements [Transform].
func (t Scale) Update(c Inputs) (updates, state []*graph.Node) {
	return scaled(c.Scalars[0], c.Updates), nil
}

// scaled multiplies every node by the scalar factor.
func scaled(factor *graph.Node, nodes []*graph.Node) []*graph.Node {
	return each(nodes, func(_ int, x *graph.Node) *graph.Node { return graph.Mul(factor, x) })
}
