package optim

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// Accumulate averages the gradients of several batches before each update, so that small batches train as a large one does
// (gradient accumulation). It passes the mean of Every gradients to Inner, at the last of them; at the other calls parameters
// and Inner's state stay as they are. It wraps the whole optimiser, clipping included:
//
//	optim.Accumulate{Every: 4, Inner: optim.Chain{optim.ClipNorm{Max: 1}, optimizer.Transform()}}
//
// Each batch is a call of the compiled program, so the number that [Updater.Scalars] takes counts batches, while Inner counts
// updates: (step-1)/Every + 1. The learning rate is the one given at the last batch of an update. The norm that [Updater.Apply]
// gives is that of the mean so far.
type Accumulate struct {
	Every int       // batches per update, at least 1
	Inner Transform // the optimiser
}

var _ Transform = Accumulate{}

// Validate implements [Transform].
func (t Accumulate) Validate() error {
	if t.Every < 1 {
		return &FieldError{"Accumulate", "Every", t.Every, "at least 1"}
	}
	return validate("Accumulate", "Inner", t.Inner)
}

// Key implements [Transform].
func (t Accumulate) Key(params []Variable) string {
	return fmt.Sprintf("accumulate(%s)", t.Inner.Key(params))
}

// Slots implements [Transform]: all "accumulate.sum", then Inner's.
func (t Accumulate) Slots(params []Variable) []Slot {
	return append(slotsLike("accumulate.sum", params, 0), t.Inner.Slots(params)...)
}

// Scalars implements [Transform]: the calls gathered with this one, whether it is the last of its group, and
// Inner's.
func (t Accumulate) Scalars(step int, lr float64) []float64 {
	count, last := (step-1)%t.Every+1, 0.0
	if count == t.Every {
		last = 1
	}
	return append([]float64{float64(count), last}, t.Inner.Scalars((step-1)/t.Every+1, lr)...)
}

// Update implements [Transform].
func (t Accumulate) Update(c Inputs) (updates, state []*graph.Node) {
	if len(c.Params) == 0 {
		return nil, c.State
	}
	last := graph.GreaterThan(c.Scalars[1], graph.ScalarZero(c.Scalars[1].Graph(), c.Scalars[1].DType()))
	sums, old := t.sums(c), c.State[len(c.Params):]

	inner := c
	inner.Updates, inner.State, inner.Scalars = t.Gradients(c), old, c.Scalars[2:]
	moved, innerState := t.Inner.Update(inner)

	// Where, not a product with zero: what Inner makes of a group that is not whole may be anything, NaN too.
	updates = each(moved, func(_ int, u *graph.Node) *graph.Node { return graph.Where(last, u, graph.ZerosLike(u)) })
	state = each(sums, func(_ int, s *graph.Node) *graph.Node { return graph.Where(last, graph.ZerosLike(s), s) })
	return updates, append(state, each(innerState, func(i int, s *graph.Node) *graph.Node {
		return graph.Where(last, s, old[i])
	})...)
}

// Gradients implements [Gatherer]: the mean of the group so far.
func (t Accumulate) Gradients(c Inputs) []*graph.Node {
	return each(t.sums(c), func(_ int, s *graph.Node) *graph.Node { return graph.Div(s, c.Scalars[0]) })
}

// sums returns the sums of the group, this call's gradients included.
func (t Accumulate) sums(c Inputs) []*graph.Node {
	return each(c.Updates, func(i int, g *graph.Node) *graph.Node { return graph.Add(c.State[i], g) })
}
