package optim

import (
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
func (t Mask) Key(params []Variable) string { return t.masked().Key(params) }

// Slots implements [Transform].
func (t Mask) Slots(params []Variable) []Slot { return t.masked().Slots(params) }

// Scalars implements [Transform].
func (t Mask) Scalars(step int, lr float64) []float64 { return t.Inner.Scalars(step, lr) }

// Update implements [Transform].
func (t Mask) Update(c Inputs) (updates, state []*graph.Node) { return t.masked().Update(c) }

func (t Mask) masked() masked {
	return masked{func(p Variable) bool { return t.Match(p.Path) }, t.Inner}
}

// pick returns the elements of all at the given indices.
func pick[T any](all []T, at []int) []T {
	some := make([]T, len(at))
	for i, j := range at {
		some[i] = all[j]
	}
	return some
}
