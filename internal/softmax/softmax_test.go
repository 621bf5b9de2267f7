package softmax_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/softmax"
)

func TestOf(t *testing.T) {
	require.InDeltaSlice(t, []float64{0.25, 0.75}, softmax.Of([]float32{0, 1.0986123}), 1e-7) // ln 3
	require.Equal(t, []float64{0.5, 0.5}, softmax.Of([]float32{1e4, 1e4}))
}
