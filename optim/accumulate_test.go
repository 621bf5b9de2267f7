package optim_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
)

// batches are the gradients of four small batches, for three updates.
var batches = [3][4][]float32{
	{{1, -2}, {3, 0.5}, {-1, 0.25}, {5, -0.75}},
	{{0.5, 2}, {-0.25, 1}, {8, -1}, {0.75, 6}},
	{{-3, 3}, {1, 1}, {2, -7}, {-4, 0.5}},
}

// TestAccumulate: four small batches move the parameters as their mean does, clipping included, and nothing moves
// before the fourth.
func TestAccumulate(t *testing.T) {
	inner := optim.Chain{optim.ClipNorm{Max: 2}, optim.AdamW{WeightDecay: 0.1}.Transform()}
	small := start(t, optim.Accumulate{Every: 4, Inner: inner}, []string{"x"}, vector(1, -1))
	big := start(t, inner, []string{"x"}, vector(1, -1))
	for _, group := range batches {
		var mean [2]float32
		var norm, before = 0.0, small.flat(0)
		for i, g := range group {
			require.Equal(t, before, small.flat(0), "moved before the group was whole")
			norm = small.apply(0.1, vector(g...))
			mean[0], mean[1] = mean[0]+g[0]/4, mean[1]+g[1]/4
			if i == 1 { // the norm of the mean so far
				require.InEpsilon(t, math.Hypot(float64(group[0][0]+g[0])/2, float64(group[0][1]+g[1])/2), norm, 1e-6)
			}
		}
		require.InEpsilon(t, big.apply(0.1, vector(mean[:]...)), norm, 1e-6)
		require.NotEqual(t, before, small.flat(0))
		require.InDeltaSlice(t, big.flat(0), small.flat(0), 1e-6)
	}
	require.Equal(t, 1, small.builds)
}

// TestAccumulateGuards: what Inner would make of a group that is not whole is never seen, not even a NaN; and the
// next group starts from nothing.
func TestAccumulateGuards(t *testing.T) {
	// Without eps, Adam divides 0 by 0 where the gradient so far is 0.
	inner := optim.Adam{LR: 0.1, Eps: optim.Zero}.Transform()
	r := start(t, optim.Accumulate{Every: 2, Inner: inner}, []string{"x"}, vector(1))
	r.apply(0.1, vector(0))
	require.Equal(t, []float32{1}, r.flat(0))
	r.apply(0.1, vector(2))
	require.InDelta(t, 0.9, r.flat(0)[0], 1e-6) // Adam's first step is the learning rate
	r.apply(0.1, vector(0))
	require.InDelta(t, 0.9, r.flat(0)[0], 1e-6)
}

// TestAccumulateRate: the schedule's rate acts at the last call of a group.
func TestAccumulateRate(t *testing.T) {
	r := start(t, optim.Accumulate{Every: 2, Inner: optim.SGD{}.Transform()}, []string{"x"}, vector(0))
	r.apply(100, vector(1))
	r.apply(0.5, vector(3))
	require.Equal(t, []float32{-1}, r.flat(0))
}
