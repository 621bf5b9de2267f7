package optim_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
)

// TestClipNorm follows torch's clip_grad_norm_, written out in float64: one factor for all tensors,
// max/(norm + 1e-6), at most 1.
func TestClipNorm(t *testing.T) {
	a, b := []float32{3, -4}, []float32{12, 0, 84}
	const norm = 85 // sqrt(3^2 + 4^2 + 12^2 + 84^2)
	for _, limit := range []float64{0, 1, 84.99, 85.01, 1000, 1e-3, 1e-6} {
		r := start(t, optim.Chain{optim.ClipNorm{Max: limit}, optim.ScaleByRate{}}, []string{"a", "b"},
			vector(0, 0), vector(0, 0, 0))
		got := r.apply(1, vector(a...), vector(b...))
		require.InEpsilon(t, norm, got, 1e-7, "the norm before clipping, limit %v", limit)
		factor := 1.0
		if limit > 0 {
			factor = min(1, limit/(norm+1e-6))
		}
		for i, want := range append(append([]float32{}, a...), b...) {
			moved := append(r.flat(0), r.flat(1)...)[i]
			require.InDelta(t, -factor*float64(want), moved, 1e-6*math.Abs(float64(want)), "limit %v element %d", limit, i)
		}
	}
}

// TestClipNormHidesNothing: a gradient that overflowed must not pass for one that was clipped.
func TestClipNormHidesNothing(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, bad := range []float32{inf, nan} {
		r := start(t, optim.Chain{optim.ClipNorm{Max: 1}, optim.ScaleByRate{}}, []string{"a", "b"}, vector(0), vector(0))
		norm := r.apply(1, vector(bad), vector(1))
		require.False(t, norm <= math.MaxFloat32, "norm %v", norm)
		require.True(t, math.IsNaN(float64(r.flat(0)[0])))
	}
}

// TestGlobalNormOfManyElements: a float32 sum over a million squares must keep its small terms.
func TestGlobalNormOfManyElements(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	flat, sum := make([]float32, 1<<20), 0.0
	for i := range flat {
		flat[i] = float32(random.NormFloat64())
		sum += float64(flat[i]) * float64(flat[i])
	}
	big := func(x []float32) *tensors.Tensor { return tensors.FromFlatDataAndDimensions(x, 1<<10, 1<<10) }
	r := start(t, optim.ScaleByRate{}, []string{"w"}, big(make([]float32, 1<<20)))
	require.InEpsilon(t, math.Sqrt(sum), r.apply(0, big(flat)), 1e-6)
}
