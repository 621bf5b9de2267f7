package optim

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

// CapRate limits the learning rate of the [ScaleByRate] behind it to 1 over the square root of the step number, as Adafactor
// does.
type CapRate struct{}

var _ Transform = CapRate{}

// Validate implements [Transform].
func (CapRate) Validate() error { return nil }

// Key implements [Transform].
func (CapRate) Key([]Variable) string { return "scale" }

// Slots implements [Transform]: none.
func (CapRate) Slots([]Variable) []Slot { return nil }

// Scalars implements [Transform].
func (CapRate) Scalars(step int, lr float64) []float64 {
	bound := 1 / math.Sqrt(float64(step))
	if lr <= bound {
		return []float64{1}
	}
	return []float64{bound / lr}
}

// Update implements [Transform].
func (CapRate) Update(c Inputs) (updates, state []*graph.Node) {
	return scaled(c.Scalars[0], c.Updates), nil
}
