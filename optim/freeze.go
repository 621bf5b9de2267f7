package optim

import "github.com/gomlx/gomlx/core/graph"

// Freezer may be implemented by an [Optimizer] that leaves some parameters as they are, as [LoRAFA] does. train.Trainer wraps
// it in a [Freeze].
type Freezer interface {
	Optimizer
	// Frozen tells whether the parameter of that path stays as it is.
	Frozen(path string) bool
}

// Freeze keeps some parameters as they are. Their gradients are 0 to Inner, so that they don't count in a norm by which the
// others are clipped, nor in the norm that [Updater.Apply] gives. Inner still has their values, and keeps their state if it keeps any.
type Freeze struct {
	Match Match     // chooses the parameters that stay
	Inner Transform // is applied to all
}

var _ Gatherer = Freeze{}

// Validate implements [Transform].
func (t Freeze) Validate() error {
	if t.Match == nil {
		return &FieldError{"Freeze", "Match", nil, "a function of the path"}
	}
	return validate("Freeze", "Inner", t.Inner)
}

// Key implements [Transform].
func (t Freeze) Key(params []Variable) string {
	key := "freeze"
	for _, p := range params {
		if t.Match(p.Path) {
			key += "1"
		} else {
			key += "0"
		}
	}
	return key + "(" + t.Inner.Key(params) + ")"
}

// Slots implements [Transform]: Inner's.
func (t Freeze) Slots(params []Variable) []Slot { return t.Inner.Slots(params) }

// Scalars implements [Transform].
func (t Freeze) Scalars(step int, lr float64) []float64 { return t.Inner.Scalars(step, lr) }

// Update implements [Transform].
func (t Freeze) Update(c Inputs) (updates, state []*graph.Node) {
	inner := c
	inner.Updates = t.still(c, c.Updates)
	updates, state = t.Inner.Update(inner)
	return t.still(c, updates), state
}

// Gradients implements [Gatherer].
func (t Freeze) Gradients(c Inputs) []*graph.Node {
	c.Updates = t.still(c, c.Updates)
	if g, ok := t.Inner.(Gatherer); ok {
		return g.Gradients(c)
	}
	return c.Updates
}

// still sets nodes of frozen parameters to 0.
func (t Freeze) still(c Inputs, nodes []*graph.Node) []*graph.Node {
	return each(nodes, func(i int, x *graph.Node) *graph.Node {
		if t.Match(c.Params[i].Path) {
			return graph.Zeros(x.Graph(), x.Shape())
		}
		return x
	})
}
