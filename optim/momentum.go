package optim

import "github.com/gomlx/gomlx/core/graph"

// Momentum replaces each gradient g by a decaying sum b of the gradients so far, as PyTorch's SGD does:
//
//	b = g                             at the first step
//	b = momentum*b + (1-dampening)*g  later
//	u = b, or g + momentum*b with Nesterov
//
// From Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".
type Momentum struct {
	Momentum  float64 // in [0, 1)
	Dampening float64 // in [0, 1]; must be 0 with Nesterov
	Nesterov  bool    // Nesterov momentum
}

var _ Transform = Momentum{}

// Validate implements [Transform].
func (t Momentum) Validate() error {
	if err := checkUnit("Momentum", "Momentum", t.Momentum); err != nil {
		return err
	}
	if !(t.Dampening >= 0 && t.Dampening <= 1) {
		return &FieldError{"Momentum", "Dampening", t.Dampening, "a number in [0, 1]"}
	}
	if t.Momentum == 0 && t.Dampening != 0 {
		return &FieldError{"Momentum", "Dampening", t.Dampening, "0 without a momentum, which it would dampen"}
	}
	if t.Nesterov && (t.Momentum == 0 || t.Dampening != 0) {
		return &FieldError{"Momentum", "Nesterov", true, "a momentum above 0 and a dampening of 0 with it"}
	}
	return nil
}

// Key implements [Transform].
func (t Momentum) Key([]Variable) string {
	if t.Nesterov {
		return "nesterov"
	}
	return "momentum"
}

// Slots implements [Transform]: all "momentum".
func (t Momentum) Slots(params []Variable) []Slot { return slotsLike("momentum", params, 0) }

// Scalars implements [Transform].
func (t Momentum) Scalars(step int, _ float64) []float64 {
	if step == 1 { // the first gradient enters whole
		return []float64{t.Momentum, 1}
	}
	return []float64{t.Momentum, 1 - t.Dampening}
}

// Update implements [Transform].
func (t Momentum) Update(c Inputs) (updates, state []*graph.Node) {
	momentum, fresh := c.Scalars[0], c.Scalars[1]
	state = each(c.State, func(i int, b *graph.Node) *graph.Node {
		return blend(momentum, b, fresh, c.Updates[i])
	})
	if !t.Nesterov {
		return state, state
	}
	return each(state, func(i int, b *graph.Node) *graph.Node {
		return graph.Add(c.Updates[i], graph.Mul(momentum, b))
	}), state
}

// momentum is the link for m; it is empty where there is no momentum, so that no state is kept.
func momentum(m Momentum) Transform {
	if m == (Momentum{}) {
		return Chain{}
	}
	return m
}
