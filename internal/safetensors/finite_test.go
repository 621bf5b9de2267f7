package safetensors_test

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// The first number that is not finite is found in every type of floats, in memory and behind the first piece of a file,
// and no other is: not the largest, nor the smallest.
func TestNotFinite(t *testing.T) {
	const n, place = 3 << 14, 2<<14 + 7
	largest := map[dtypes.DType]float64{dtypes.Float16: 65504, dtypes.BFloat16: 0x1.fep127, dtypes.Float32: math.MaxFloat32, dtypes.Float64: math.MaxFloat32}
	for dtype, most := range largest {
		for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), most, -most, 6e-8, 0} {
			t.Run(fmt.Sprint(dtype, v), func(t *testing.T) {
				values := make([]float64, n)
				values[place], values[n-1] = v, v
				x := must(safetensors.Convert(tensors.FromFlatDataAndDimensions(values, 3, n/3), dtype))
				want := place
				if !math.IsNaN(v) && !math.IsInf(v, 0) {
					want = -1
				}
				at, value, err := safetensors.NotFinite(x)
				require.NoError(t, err)
				require.Equal(t, want, at)
				var b bytes.Buffer
				require.NoError(t, safetensors.Encode(&b, map[string]*tensors.Tensor{"x": x}, nil))
				f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
				require.NoError(t, err)
				there, read, err := f.NotFinite("x")
				require.NoError(t, err)
				require.Equal(t, want, there)
				if want >= 0 {
					require.True(t, value == v || v != v && value != value, value)
					require.True(t, read == v || v != v && read != read, read)
				}
			})
		}
	}
	at, value, err := safetensors.NotFinite(tensors.FromValue([]float64{1, 1e300}))
	require.NoError(t, err)
	require.Equal(t, 1, at, "it is infinite in float32")
	require.Equal(t, 1e300, value)
	for _, none := range []*tensors.Tensor{tensors.FromValue([]int32{-1}), tensors.FromValue(true), tensors.FromShape(shapes.Make(dtypes.Float32, 0))} {
		at, _, err := safetensors.NotFinite(none)
		require.NoError(t, err)
		require.Equal(t, -1, at)
	}
	f, err := safetensors.FromBytes(mustEncode(t, map[string]*tensors.Tensor{"x": tensors.FromValue([]int32{1}), "y": tensors.FromShape(shapes.Make(dtypes.Float32, 0))}))
	require.NoError(t, err)
	for _, name := range []string{"x", "y"} {
		at, _, err := f.NotFinite(name)
		require.NoError(t, err)
		require.Equal(t, -1, at)
	}
	_, _, err = f.NotFinite("z")
	require.ErrorIs(t, err, safetensors.ErrNotFound)
}

func mustEncode(t *testing.T, values map[string]*tensors.Tensor) []byte {
	var b bytes.Buffer
	require.NoError(t, safetensors.Encode(&b, values, nil))
	return b.Bytes()
}

func BenchmarkNotFinite(b *testing.B) {
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.BFloat16} {
		x := tensors.FromShape(shapes.Make(dtype, 1<<20))
		b.Run(dtype.String(), func(b *testing.B) {
			b.SetBytes(int64(dtype.Size()) << 20)
			b.ReportAllocs()
			for b.Loop() {
				_, _, err := safetensors.NotFinite(x)
				require.NoError(b, err)
			}
		})
	}
}
