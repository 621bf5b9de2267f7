package safetensors_test

import (
	"io"
	"path/filepath"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// benchSet is 16 MiB in 16 tensors.
func benchSet() (map[string]*tensors.Tensor, int64) {
	values := map[string]*tensors.Tensor{}
	for i := range 16 {
		values[string(rune('a'+i))] = tensors.FromShape(shapes.Make(dtypes.Float32, 512, 512))
	}
	return values, 16 << 20
}

func BenchmarkRead(b *testing.B) {
	values, size := benchSet()
	path := filepath.Join(b.TempDir(), "x.safetensors")
	require.NoError(b, safetensors.Write(path, values, nil))
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.BFloat16} {
		b.Run("F32 as "+dtype.String(), func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				f, err := safetensors.Open(path)
				require.NoError(b, err)
				for _, name := range f.Names() {
					_, err := f.TensorAs(name, dtype)
					require.NoError(b, err)
				}
				require.NoError(b, f.Close())
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	values, size := benchSet()
	b.Run("memory", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			require.NoError(b, safetensors.Encode(io.Discard, values, nil))
		}
	})
	b.Run("disk", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "x.safetensors")
		b.SetBytes(size)
		for b.Loop() {
			require.NoError(b, safetensors.Write(path, values, nil))
		}
	})
}
