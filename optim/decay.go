package optim

import "github.com/gomlx/gomlx/core/graph"

// DecayWeights adds WeightDecay times the parameter to each update. What that means depends on its place in the chain: in
// front of the moments it is an L2 penalty, as in PyTorch's Adam and SGD; behind them, and in front of [ScaleByRate], it is
// the decoupled weight decay of AdamW (Loshchilov and Hutter 2019), which shrinks a parameter by the factor 1 -
// lr*WeightDecay at each step. Wrap it in a [Mask] to exclude parameters.
type DecayWeights struct {
	WeightDecay float64 // 0 or more, usually below 0.1
}

var _ Transform = DecayWeights{}

// Validate implements [Transform].
func (t DecayWeights) Validate() error {
	return checkNonNegative("DecayWeights", "WeightDecay", t.WeightDecay)
}

// Key implements [Transform].
func (t DecayWeights) Key([]Variable) string { return "decay" }

// Slots implements [Transform]: none.
func (t DecayWeights) Slots([]Variable) []Slot { return nil }

// Scalars implements [Transform].
func (t DecayWeights) Scalars(int, float64) []float64 { return []float64{t.WeightDecay} }

// Update implements [Transform].
func (t DecayWeights) Update(c Inputs) (updates, state []*graph.Node) {
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
