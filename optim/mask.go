package optim

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// Match chooses parameters by path, such as "classifier.weight": true means that the parameter is chosen. It must always give
// the same answer for a path. [Contains] and [Not] make common ones.
type Match func(path string) bool

// Contains chooses the parameters whose path contains one of parts, such as "bias" or "LayerNorm".
func Contains(parts ...string) Match {
	return func(path string) bool {
		for _, part := range parts {
			if strings.Contains(path, part) {
				return true
			}
		}
		return false
	}
}

// Not chooses the parameters that match does not.
func Not(match Match) Match { return func(path string) bool { return !match(path) } }

// Mask applies a transform to some of the parameters only, for parameter groups: [Scale] gives a group its own learning rate,
// [DecayWeights] its own weight decay. The updates of the other parameters pass unchanged, and no state is kept for them.
// Inner sees only the chosen parameters, so a [ClipNorm] in it measures their norm alone.
type Mask struct {
	Match Match     // chooses the parameters
	Inner Transform // is applied to them
}

var _ Transform = Mask{}

// Validate implements [Transform].
func (t Mask) Validate() error {
	if t.Match == nil {
		return &FieldError{"Mask", "Match", nil, "a function of the path"}
	}
	return validate("Mask", "Inner", t.Inner)
}

// Key implements [Transform]. It tells the chosen parameters by index, for two masks with one choice build one
// graph.
func (t Mask) Key(params []Variable) string {
	return fmt.Sprintf("%v(%s)", t.chosen(params), t.Inner.Key(pick(params, t.chosen(params))))
}

// Slots implements [Transform].
func (t Mask) Slots(params []Variable) []Slot { return t.Inner.Slots(pick(params, t.chosen(params))) }

// Scalars implements [Transform].
func (t Mask) Scalars(step int, lr float64) []float64 { return t.Inner.Scalars(step, lr) }

// Update implements [Transform].
func (t Mask) Update(c Inputs) (updates, state []*graph.Node) {
	chosen := t.chosen(c.Params)
	inner := c
	inner.Params, inner.Values, inner.Updates = pick(c.Params, chosen), pick(c.Values, chosen), pick(c.Updates, chosen)
	moved, state := t.Inner.Update(inner)
	updates = append(updates, c.Updates...)
	for i, at := range chosen {
		updates[at] = moved[i]
	}
	return updates, state
}

// chosen returns the indices of the matching params.
func (t Mask) chosen(params []Variable) []int {
	var at []int
	for i, p := range params {
		if t.Match(p.Path) {
			at = append(at, i)
		}
	}
	return at
}

// pick returns the elements of all at the given indices.
func pick[T any](all []T, at []int) []T {
	some := make([]T, len(at))
	for i, j := range at {
		some[i] = all[j]
	}
	return some
}
