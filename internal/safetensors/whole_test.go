package safetensors_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// Whole numbers keep their values from type to type, and one that does not fit is refused.
func TestConvertWhole(t *testing.T) {
	long := tensors.FromValue([][]int64{{0, 200, 7}})
	for _, to := range []dtypes.DType{dtypes.Uint8, dtypes.Int16, dtypes.Int32, dtypes.Int64} {
		short, err := safetensors.ConvertWhole(long, to)
		require.NoError(t, err)
		require.Equal(t, to, short.DType())
		back, err := safetensors.ConvertWhole(short, dtypes.Int64)
		require.NoError(t, err)
		require.Equal(t, long.Value(), back.Value())
	}
	_, err := safetensors.ConvertWhole(tensors.FromValue([]int64{1, 256}), dtypes.Uint8)
	require.ErrorIs(t, err, safetensors.ErrDType)
	require.ErrorContains(t, err, "number 1 is 256")
	_, err = safetensors.ConvertWhole(tensors.FromValue([]float32{1}), dtypes.Int64)
	require.ErrorIs(t, err, safetensors.ErrDType)
}
