package predict

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each way to pool by its formula, on numbers by hand.
func TestPooling(t *testing.T) {
	states := [][]float32{{1, -2}, {4, 0}, {-2, 8}}
	for mode, want := range map[Pooling][]float64{
		MeanPooling: {1, 2}, CLSPooling: {1, -2}, LastPooling: {-2, 8}, MaxPooling: {4, 8},
		MeanSqrtPooling:     {3 / math.Sqrt(3), 6 / math.Sqrt(3)},
		WeightedMeanPooling: {(1 + 8 - 6) / 6.0, (-2 + 0 + 24) / 6.0},
	} {
		require.InDeltaSlice(t, want, mode.pool(states), 1e-12, "%d", mode)
	}
	require.InDeltaSlice(t, []float64{0.6, -0.8}, normalize([]float64{3, -4}), 1e-12)
	require.Equal(t, []float64{0, 0}, normalize([]float64{0, 0}))
}
