package safetensors_test

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

func TestTranspose(t *testing.T) {
	const rows, cols = 35, 67 // more than a tile, and no multiple of one
	flat := make([]float32, rows*cols)
	for i := range flat {
		flat[i] = float32(i % 251) // exact in bfloat16
	}
	m := tensors.FromFlatDataAndDimensions(flat, rows, cols)
	half, err := safetensors.Convert(m, dtypes.BFloat16)
	require.NoError(t, err)
	for _, in := range []*tensors.Tensor{m, half} {
		out, err := safetensors.Transpose(in)
		require.NoError(t, err)
		require.Equal(t, in.DType(), out.DType())
		wide, err := safetensors.Convert(out, dtypes.Float32)
		require.NoError(t, err)
		got := wide.Value().([][]float32)
		require.Len(t, got, cols)
		for j, row := range got {
			require.Len(t, row, rows)
			for i, v := range row {
				require.Equal(t, flat[i*cols+j], v)
			}
		}
	}
	_, err = safetensors.Transpose(tensors.FromValue([]float32{1}))
	require.ErrorIs(t, err, safetensors.ErrDType)
	_, err = safetensors.Transpose(tensors.FromValue([][]int32{{1}}))
	require.ErrorIs(t, err, safetensors.ErrDType)
}
