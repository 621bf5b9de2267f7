package optim

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// masked applies a transform to the parameters that choose chooses; see [Mask].
type masked struct {
	choose func(Variable) bool
	inner  Transform
}

// Validate implements [Transform].
func (t masked) Validate() error { return t.inner.Validate() }

// Key implements [Transform].
func (t masked) Key(params []Variable) string {
	return fmt.Sprintf("%v(%s)", t.chosen(params), t.inner.Key(pick(params, t.chosen(params))))
}

// Slots implements [Transform].
func (t masked) Slots(params []Variable) []Slot { return t.inner.Slots(pick(params, t.chosen(params))) }

// Scalars implements [Transform].
func (t masked) Scalars(step int, lr float64) []float64 { return t.inner.Scalars(step, lr) }

// Update implements [Transform].
func (t masked) Update(c Inputs) (updates, state []*graph.Node) {
	chosen := t.chosen(c.Params)
	inner := c
	inner.Params, inner.Values, inner.Updates = pick(c.Params, chosen), pick(c.Values, chosen), pick(c.Updates, chosen)
	moved, state := t.inner.Update(inner)
	updates = append(updates, c.Updates...)
	for i, at := range chosen {
		updates[at] = moved[i]
	}
	return updates, state
}

// chosen returns the indices of the chosen params.
func (t masked) chosen(params []Variable) []int {
	var at []int
	for i, p := range params {
		if t.choose(p) {
			at = append(at, i)
		}
	}
	return at
}
