package optim

import "github.com/gomlx/gomlx/core/graph"

// WithRate runs Inner, a whole optimiser with its [ScaleByRate], at Factor times the learning rate. In a [Mask] it gives some
// parameters a learning rate of their own. [Scale] behind the optimiser does the same where the rate is a mere factor of the
// updates, which it is not in [Adafactor].
type WithRate struct {
	Factor float64 // 0 or more; 0 freezes the parameters
	Inner  Transform
}

var _ Transform = WithRate{}

// Validate implements [Transform].
func (t WithRate) Validate() error {
	return first(checkNonNegative("WithRate", "Factor", t.Factor), validate("WithRate", "Inner", t.Inner))
}

// Key implements [Transform].
func (t WithRate) Key(params []Variable) string { return "at(" + t.Inner.Key(params) + ")" }

// Slots implements [Transform]: Inner's.
func (t WithRate) Slots(params []Variable) []Slot { return t.Inner.Slots(params) }

// Scalars implements [Transform].
func (t WithRate) Scalars(step int, lr float64) []float64 { return t.Inner.Scalars(step, lr*t.Factor) }

// Update implements [Transform].
func (t WithRate) Update(c Inputs) (updates, state []*graph.Node) { return t.Inner.Update(c) }
