package safetensors_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// Whatever is accepted covers the data exactly and comes back from the writer;
// whatever is not is a format error.
func FuzzHeader(f *testing.F) {
	for _, c := range append(hostileFiles(), stricterFiles()...) {
		if len(c.data) < 1<<12 {
			f.Add(c.data)
		}
	}
	for _, path := range []string{"testdata/bert_io.safetensors", "testdata/dtypes.safetensors"} {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := safetensors.FromBytes(data)
		if err != nil {
			require.ErrorIs(t, err, safetensors.ErrFormat)
			return
		}
		total, readable := 0, true
		for _, name := range file.Names() {
			raw, err := file.Bytes(name)
			require.NoError(t, err)
			total += len(raw)
			if _, err := file.Tensor(name); err != nil { // a BOOL of another value
				require.ErrorIs(t, err, safetensors.ErrFormat)
				readable = false
			}
		}
		require.LessOrEqual(t, total, len(data))
		if !readable {
			return
		}
		again, err := safetensors.FromBytes(rewritten(t, file))
		require.NoError(t, err)
		require.Equal(t, file.Names(), again.Names())
		for _, name := range file.Names() {
			want, _ := file.Info(name)
			got, _ := again.Info(name)
			require.Equal(t, want, got)
			wantRaw, _ := file.Bytes(name)
			gotRaw, _ := again.Bytes(name)
			require.True(t, bytes.Equal(wantRaw, gotRaw))
		}
	})
}

// What is written is read back, to the bit.
func FuzzRoundTrip(f *testing.F) {
	f.Add("a", "b", uint8(0), uint8(12), uint8(1), uint8(3), []byte("0123456789"))
	f.Add("x\"\\\n", "\u2028", uint8(3), uint8(7), uint8(0), uint8(2), []byte{0xff, 0xff, 0x80, 0x7f})
	types := []dtypes.DType{
		dtypes.Float64, dtypes.Float32, dtypes.Float16, dtypes.BFloat16, dtypes.Int64, dtypes.Int32, dtypes.Int16,
		dtypes.Int8, dtypes.Uint64, dtypes.Uint32, dtypes.Uint16, dtypes.Uint8, dtypes.Bool,
	}
	f.Fuzz(func(t *testing.T, name1, name2 string, type1, type2, rows, columns uint8, data []byte) {
		build := func(i uint8) *tensors.Tensor {
			dtype := types[int(i)%len(types)]
			v := tensors.FromShape(shapes.Make(dtype, int(rows%8), int(columns%8)))
			require.NoError(t, v.MutableBytes(func(dst []byte) {
				copy(dst, data)
				if dtype == dtypes.Bool {
					for i := range dst {
						dst[i] &= 1
					}
				}
			}))
			return v
		}
		values := map[string]*tensors.Tensor{name1: build(type1), name2: build(type2)}
		metadata := map[string]string{name2: name1}
		var out bytes.Buffer
		if err := safetensors.Encode(&out, values, metadata); err != nil {
			require.Zero(t, out.Len())
			return // a name that isn't UTF-8 or is reserved
		}
		file, err := safetensors.FromBytes(out.Bytes())
		require.NoError(t, err)
		require.Equal(t, metadata, file.Metadata())
		require.Len(t, file.Names(), len(values))
		for name, v := range values {
			info, ok := file.Info(name)
			require.True(t, ok)
			require.Equal(t, v.DType(), info.DType)
			require.Equal(t, v.Shape().Dimensions, info.Shape)
			raw, err := file.Bytes(name)
			require.NoError(t, err)
			require.NoError(t, v.ConstBytes(func(want []byte) { require.True(t, bytes.Equal(want, raw)) }))
		}
		require.True(t, bytes.Equal(out.Bytes(), rewritten(t, file)))
	})
}
