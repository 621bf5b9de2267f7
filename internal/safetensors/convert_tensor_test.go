package safetensors_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// 1 + 2^-8 lies between two bfloat16 values and goes to the even one; 1 + 3*2^-8 likewise goes up (IEEE 754, 4.3.1).
func TestConvertRounds(t *testing.T) {
	in := tensors.FromValue([]float32{1, 1 + 1.0/256, 1 + 3.0/256, -2.5, float32(math.Inf(1))})
	half, err := safetensors.Convert(in, dtypes.BFloat16)
	require.NoError(t, err)
	back, err := safetensors.Convert(half, dtypes.Float32)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 1, 1 + 4.0/256, -2.5, float32(math.Inf(1))}, back.Value())
	require.Equal(t, in.Value(), must(safetensors.Convert(must(safetensors.Convert(in, dtypes.Float64)), dtypes.Float32)).Value())
}

func TestConvertRefusesIntegers(t *testing.T) {
	_, err := safetensors.Convert(tensors.FromValue([]int32{1}), dtypes.Float32)
	require.ErrorIs(t, err, safetensors.ErrDType)
}

func must(t *tensors.Tensor, err error) *tensors.Tensor {
	if err != nil {
		panic(err)
	}
	return t
}
