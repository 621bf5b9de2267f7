package supertuning

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The selection is what sorting gives, with ties, zeros of both signs and infinities among the numbers.
func TestStrongest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	w := make([]float32, 3000)
	for i := range w {
		w[i] = float32(math.Round(r.NormFloat64()*100) / 100)
	}
	w[7], w[8], w[9] = float32(math.Copysign(0, -1)), float32(math.Inf(-1)), 1e-40
	abs := func(i int32) float64 { return math.Abs(float64(w[i])) }
	want := make([]int32, len(w))
	for i := range want {
		want[i] = int32(i)
	}
	slices.SortStableFunc(want, func(i, j int32) int {
		switch {
		case abs(i) < abs(j):
			return -1
		case abs(i) > abs(j):
			return 1
		}
		return 0
	})
	for _, n := range []int{1, 30, 2999, 3000} {
		require.Equal(t, want[:n], strongest(w, n, false))
	}
	slices.SortStableFunc(want, func(i, j int32) int {
		switch {
		case abs(i) > abs(j):
			return -1
		case abs(i) < abs(j):
			return 1
		}
		return int(i - j)
	})
	for _, n := range []int{1, 30, 2999, 3000} {
		require.Equal(t, want[:n], strongest(w, n, true))
	}
}
