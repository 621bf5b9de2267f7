package safetensors_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

func floatTypes() map[string]dtypes.DType {
	return map[string]dtypes.DType{"f64": dtypes.Float64, "f32": dtypes.Float32, "f16": dtypes.Float16, "bf16": dtypes.BFloat16}
}

// Every conversion equals numpy's to the bit, ties, subnormals and overflow
// included.
func TestTensorAsEqualsNumpy(t *testing.T) {
	f := open(t, "testdata/floats.safetensors")
	for from, fromType := range floatTypes() {
		for to, toType := range floatTypes() {
			want := from + "." + to
			if from == to {
				want = from
			}
			got, err := f.TensorAs(from, toType)
			require.NoError(t, err)
			require.Equal(t, toType, got.DType())
			expect, err := f.Tensor(want)
			require.NoError(t, err)
			require.Equal(t, expect.Value(), got.Value(), "%s to %s", fromType, toType)
		}
	}
}

// More values than are converted at a time.
func TestTensorAsLarge(t *testing.T) {
	values := make([]float32, 3*4096+5)
	for i := range values {
		values[i] = float32(i)
	}
	f := encoded(t, map[string]*tensors.Tensor{"x": tensors.FromFlatDataAndDimensions(values, len(values))})
	wide, err := f.TensorAs("x", dtypes.Float64)
	require.NoError(t, err)
	for i, v := range wide.Value().([]float64) {
		require.Equal(t, float64(i), v)
	}
}

func TestTensorAsKeepsNaN(t *testing.T) {
	payloads := []float32{
		math.Float32frombits(0x7f800001), // lies in the bits that are cut off
		math.Float32frombits(0xff800001),
		math.Float32frombits(0x7fffffff), // overflows when it is rounded
		math.Float32frombits(0xffffffff),
	}
	f := encoded(t, map[string]*tensors.Tensor{"x": tensors.FromFlatDataAndDimensions(payloads, len(payloads))})
	half, err := f.TensorAs("x", dtypes.Float16)
	require.NoError(t, err)
	brain, err := f.TensorAs("x", dtypes.BFloat16)
	require.NoError(t, err)
	for i := range payloads {
		require.True(t, math.IsNaN(half.Value().([]float16.Float16)[i].Float64()))
		require.True(t, math.IsNaN(brain.Value().([]bfloat16.BFloat16)[i].Float64()))
	}
}

func TestTensorAsIsForFloatsOnly(t *testing.T) {
	f := open(t, "testdata/dtypes.safetensors")
	for name, to := range map[string]dtypes.DType{
		"int32.a": dtypes.Float32, "float32.a": dtypes.Int32, "int8.a": dtypes.Int64, "bool.a": dtypes.Uint8,
		"float64.a": dtypes.InvalidDType, "scalar": dtypes.Complex64,
	} {
		_, err := f.TensorAs(name, to)
		require.ErrorIs(t, err, safetensors.ErrDType)
		require.ErrorContains(t, err, name)
	}
	same, err := f.TensorAs("int64.a", dtypes.Int64)
	require.NoError(t, err)
	require.Equal(t, []int64{1, 0}, same.Value())
}
