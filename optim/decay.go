package optim

import "github.com/gomlx/gomlx/core/graph"

// DecayWeights adds WeightDecay times the parameter to each update. Its place in the chain is its meaning: before
// the moments it is the L2 penalty of torch's Adam and SGD; after them, and before [ScaleByRate], it is the
// decoupled decay of AdamW (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization"), which shrinks
// a parameter by the factor 1 - lr*WeightDecay whatever its gradient. Put it in a [Mask] to spare parameters.
type DecayWeights struct {
	WeightDecay float64 // zero or more, and usually below 0.1
}

var _ Transform = DecayWeights{}

// Validate implements [Transform].
func (t DecayWeights) Validate() error {
	return checkNonNegative("DecayWeights", "WeightDecay", t.WeightDecay)
}

// Key implements [Transform].
func (t DecayWeights) Key([]Param) string { return "decay" }

// Slots implements [Transform]: none.
func (t DecayWeights) Slots([]Param) []Slot { return nil }

// Scalars implements [Transform].
func (t DecayWeights) Scalars(int, float64) []float64 { return []float64{t.WeightDecay} }

// Update implements [Transform].
func (t DecayWeights) Update(c Call) (updates, state []*graph.Node) {
	return each(c.Updates, func(i int, u *graph.Node) *graph.Node {
		return graph.Add(u, graph.Mul(c.Scalars[0], c.Values[i]))
	}), nil
}

// decay is the link for a weight decay that spares the parameters whose path holds one of noDecay; it is empty
// when there is nothing to do, so that plain optimisers stay plain.
func decay(rate float64, noDecay []string) Transform {
	switch {
	case rate == 0:
		return Chain{}
	case len(noDecay) == 0:
		return DecayWeights{WeightDecay: rate}
	default:
		return Mask{Match: Not(Contains(noDecay...)), Inner: DecayWeights{WeightDecay: rate}}
	}
}
