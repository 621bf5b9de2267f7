package optim

import (
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// Chain applies transforms one after the other, the first to the gradients, each later one to the updates of the one before.
// An empty chain changes nothing.
type Chain []Transform

var _ Transform = Chain(nil)

// Validate implements [Transform].
func (c Chain) Validate() error {
	for i, link := range c {
		if err := validate("Chain", i, link); err != nil {
			return err
		}
	}
	return nil
}

// Key implements [Transform].
func (c Chain) Key(params []Variable) string {
	keys := make([]string, len(c))
	for i, link := range c {
		keys[i] = link.Key(params)
	}
	return "[" + strings.Join(keys, " ") + "]"
}

// Slots implements [Transform].
func (c Chain) Slots(params []Variable) []Slot {
	var slots []Slot
	for _, link := range c {
		slots = append(slots, link.Slots(params)...)
	}
	return slots
}

// Scalars implements [Transform].
func (c Chain) Scalars(step int, lr float64) []float64 {
	var scalars []float64
	for _, link := range c {
		scalars = append(scalars, link.Scalars(step, lr)...)
	}
	return scalars
}

// Update implements [Transform]: it hands every link its own stretch of the state and of the scalars.
func (c Chain) Update(call Inputs) (updates, state []*graph.Node) {
	updates = call.Updates
	for _, link := range c {
		own := Inputs{Params: call.Params, Values: call.Values, Updates: updates}
		own.State, call.State = cut(call.State, len(link.Slots(call.Params)))
		own.Scalars, call.Scalars = cut(call.Scalars, len(link.Scalars(1, 0)))
		var moved []*graph.Node
		updates, moved = link.Update(own)
		state = append(state, moved...)
	}
	return updates, state
}

// cut splits nodes after the first n.
func cut(nodes []*graph.Node, n int) (head, tail []*graph.Node) { return nodes[:n:n], nodes[n:] }
