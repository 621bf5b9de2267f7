package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
)

// TestNoDecay: with a gradient of zero, decay alone moves a parameter, by AdamW's factor 1 - lr*decay, and those
// that it spares stay to the bit.
func TestNoDecay(t *testing.T) {
	o := optim.AdamW{LR: 0.1, WeightDecay: 0.5, NoDecay: []string{"bias", "LayerNorm"}}
	r := start(t, o.Transform(), []string{"a.weight", "a.bias", "LayerNorm.weight", "b.weight"},
		vector(3), vector(4), vector(5), vector(-6))
	for range 2 {
		r.apply(o.Rate(), vector(0), vector(0), vector(0), vector(0))
	}
	require.InDelta(t, 3*math.Pow(1-0.1*0.5, 2), r.flat(0)[0], 1e-6)
	require.Equal(t, []float32{4}, r.flat(1))
	require.Equal(t, []float32{5}, r.flat(2))
	require.InDelta(t, -6*math.Pow(1-0.1*0.5, 2), r.flat(3)[0], 1e-6)
}

// TestMaskState: what a mask does not choose keeps its update and has no state; what it chooses gets its own.
func TestMaskState(t *testing.T) {
	mask := optim.Mask{Match: optim.Contains("w"), Inner: optim.Momentum{Momentum: 0.5}}
	r := start(t, optim.Chain{mask, optim.ScaleByRate{}}, []string{"b1", "w1", "b2", "w2"},
		vector(0), vector(0, 0), vector(0), vector(0))
	var names []string
	for _, s := range r.plan.Slots() {
		names = append(names, s.Name)
	}
	require.Equal(t, []string{"momentum/w1", "momentum/w2"}, names)
	for range 2 { // with momentum 1 + 1.5 of the gradient, without it 1 + 1
		r.apply(1, vector(1), vector(2, -2), vector(3), vector(4))
	}
	require.Equal(t, []float32{-2}, r.flat(0))
	require.Equal(t, []float32{-5, 5}, r.flat(1))
	require.Equal(t, []float32{-6}, r.flat(2))
	require.Equal(t, []float32{-10}, r.flat(3))
}

// TestMaskKey: the choice shapes the graph; the names do not.
func TestMaskKey(t *testing.T) {
	key := func(part string, paths ...string) string {
		var params []optim.Variable
		for _, path := range paths {
			params = append(params, param(path, 2))
		}
		plan, err := optim.Build(optim.Mask{Match: optim.Contains(part), Inner: optim.DecayWeights{}}, params)
		require.NoError(t, err)
		return plan.Key()
	}
	require.Equal(t, key("w", "w", "b"), key("x", "x", "y"))
	require.NotEqual(t, key("w", "w", "b"), key("b", "w", "b"))
	require.NotEqual(t, key("w", "w", "b"), key("none", "w", "b"))
}

// TestGroups: a group of parameters with its own learning rate is a mask over a scale.
func TestGroups(t *testing.T) {
	chain := optim.Chain{
		optim.Mask{Match: optim.Contains("head"), Inner: optim.Scale{Factor: 10}},
		optim.Mask{Match: optim.Contains("frozen"), Inner: optim.Scale{}},
		optim.ScaleByRate{},
	}
	r := start(t, chain, []string{"lora", "head", "frozen"}, vector(0), vector(0), vector(7))
	r.apply(0.5, vector(1), vector(1), vector(1))
	require.Equal(t, []float32{-0.5}, r.flat(0))
	require.Equal(t, []float32{-5}, r.flat(1))
	require.Equal(t, []float32{7}, r.flat(2))
}
