package safetensors_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

func open(t testing.TB, path string) *safetensors.File {
	t.Helper()
	f, err := safetensors.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func value(t testing.TB, f *safetensors.File, name string) any {
	t.Helper()
	v, err := f.Tensor(name)
	require.NoError(t, err)
	return v.Value()
}

// The numbers were read from the file by Python's struct module.
func TestReadTransformersFile(t *testing.T) {
	f := open(t, "testdata/bert_io.safetensors")
	require.Equal(t, []string{"in.attention_mask", "in.input_ids", "in.labels", "in.token_type_ids", "out.logits", "out.loss"}, f.Names())
	require.Nil(t, f.Metadata())
	info, ok := f.Info("in.input_ids")
	require.True(t, ok)
	require.Equal(t, safetensors.Info{Name: "in.input_ids", DType: dtypes.Int64, Shape: []int{3, 9}}, info)
	_, ok = f.Info("input_ids")
	require.False(t, ok)

	ids := value(t, f, "in.input_ids").([][]int64)
	require.Equal(t, []int64{30, 54, 58}, ids[0][:3])
	require.Equal(t, int64(1), ids[2][8])
	require.Equal(t, []int64{0, 2, 1}, value(t, f, "in.labels"))
	require.Equal(t, float32(1.1356935501098633), value(t, f, "out.loss"))
	require.Equal(t, float32(0.31337055563926697), value(t, f, "out.logits").([][]float32)[0][0])
	require.Equal(t, float32(0.31594184041023254), value(t, f, "out.logits").([][]float32)[2][2])
}

func TestReadAdapterFile(t *testing.T) {
	f := open(t, "testdata/adapter_model.safetensors")
	require.Equal(t, map[string]string{"format": "pt"}, f.Metadata())
	require.Len(t, f.Names(), 18)
	indices := value(t, f, "base_model.model.bert.encoder.layer.1.output.dense.supertuning_indices").([]int32)
	require.Equal(t, []int32{706, 682, 538}, indices[:3])
	require.Equal(t, []float32{-0.10352429002523422, 0.07693322002887726, 0.05182650685310364}, value(t, f, "base_model.model.classifier.bias"))
}

// All three ways in give the same tensors, which outlive the file.
func TestSources(t *testing.T) {
	path := "testdata/dtypes.safetensors"
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	mapped, err := safetensors.Open(path)
	require.NoError(t, err)
	inMemory, err := safetensors.FromBytes(data)
	require.NoError(t, err)
	reader, err := safetensors.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	for _, f := range []*safetensors.File{mapped, inMemory, reader} {
		one := map[string]*tensors.Tensor{}
		for _, name := range f.Names() {
			one[name], err = f.Tensor(name)
			require.NoError(t, err)
			raw, err := f.Bytes(name)
			require.NoError(t, err)
			require.NoError(t, one[name].ConstBytes(func(b []byte) { require.True(t, bytes.Equal(raw, b), name) }))
		}
		require.NoError(t, f.Close())
		require.NoError(t, f.Close())
		var out bytes.Buffer
		require.NoError(t, safetensors.Encode(&out, one, nil))
		require.True(t, bytes.Equal(data, out.Bytes()))

		_, err = f.Tensor("scalar")
		require.ErrorIs(t, err, safetensors.ErrClosed)
		_, err = f.Bytes("scalar")
		require.ErrorIs(t, err, safetensors.ErrClosed)
	}
}

func TestReadDTypes(t *testing.T) {
	f := open(t, "testdata/dtypes.safetensors")
	require.Equal(t, float32(-2.5), value(t, f, "scalar"))
	require.Equal(t, []bool{true, false}, value(t, f, "bool.a"))
	require.Equal(t, [][]bool{{false, true, true}, {true, false, true}}, value(t, f, "z12.bool"))
	require.Equal(t, [][]float64{{0, 1, 1}, {1, 0, 1}}, value(t, f, "z0.float64"))
	require.Equal(t, [][]uint64{{0, 1, 1}, {1, 0, 1}}, value(t, f, "z4.uint64"))
	require.Equal(t, []int16{7}, value(t, f, "quote\" back\\slash /\b\f\n\r\t\x01\x1f\x7f"))
	require.Equal(t, []int16{8}, value(t, f, "größe.\u2028.\u2029.<&>.\U0001f600"))
	for name, dtype := range map[string]dtypes.DType{
		"float64.a": dtypes.Float64, "float32.a": dtypes.Float32, "float16.a": dtypes.Float16, "bfloat16.a": dtypes.BFloat16,
		"uint64.a": dtypes.Uint64, "uint32.a": dtypes.Uint32, "uint16.a": dtypes.Uint16, "uint8.a": dtypes.Uint8,
		"int64.a": dtypes.Int64, "int32.a": dtypes.Int32, "int16.a": dtypes.Int16, "int8.a": dtypes.Int8, "bool.a": dtypes.Bool,
	} {
		v, err := f.Tensor(name)
		require.NoError(t, err)
		require.Equal(t, dtype, v.DType(), name)
	}
	empty, err := f.Tensor("empty")
	require.NoError(t, err)
	require.Equal(t, []int{0, 3}, empty.Shape().Dimensions)
	special := value(t, f, "non.finite").([]float32)
	require.True(t, math.IsNaN(float64(special[0])))
	require.True(t, math.IsInf(float64(special[1]), 1))
	require.True(t, math.IsInf(float64(special[2]), -1))
	require.True(t, special[3] == 0 && math.Signbit(float64(special[3])))
}

func TestNotFoundNamesTheNearest(t *testing.T) {
	f := open(t, "testdata/adapter_model.safetensors")
	_, err := f.Tensor("classifier.weight")
	require.ErrorIs(t, err, safetensors.ErrNotFound)
	require.ErrorContains(t, err, `"classifier.weight"`)
	require.ErrorContains(t, err, `nearest: "base_model.model.classifier.weight"`)
	require.ErrorContains(t, err, "adapter_model.safetensors")
}

func TestOpenErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.safetensors")
	_, err := safetensors.Open(missing)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, missing)
	_, err = safetensors.Open(t.TempDir())
	require.ErrorIs(t, err, safetensors.ErrFormat)

	empty := filepath.Join(t.TempDir(), "empty.safetensors")
	require.NoError(t, os.WriteFile(empty, nil, 0o644))
	_, err = safetensors.Open(empty)
	var format *safetensors.FormatError
	require.ErrorAs(t, err, &format)
	require.Equal(t, empty, format.Path)
}

// A reader that holds less than was said.
func TestShortReader(t *testing.T) {
	data, err := os.ReadFile("testdata/bert_io.safetensors")
	require.NoError(t, err)
	f, err := safetensors.NewReader(bytes.NewReader(data[:len(data)-1]), int64(len(data)))
	require.NoError(t, err)
	last := "out.loss" // the F32s come after the I64s
	_, err = f.Tensor(last)
	require.ErrorIs(t, err, safetensors.ErrFormat)
	require.ErrorContains(t, err, last)
	_, err = f.TensorAs(last, dtypes.Float64)
	require.ErrorIs(t, err, safetensors.ErrFormat)
	_, err = f.Bytes(last)
	require.ErrorIs(t, err, safetensors.ErrFormat)
	_, err = safetensors.NewReader(bytes.NewReader(data[:100]), int64(len(data)))
	require.ErrorIs(t, err, safetensors.ErrFormat)
}

// A file that is closed while others read it gives them ErrClosed, not unmapped
// memory.
func TestCloseWhileReading(t *testing.T) {
	f, err := safetensors.Open("testdata/floats.safetensors")
	require.NoError(t, err)
	var readers sync.WaitGroup
	started := make(chan struct{}, 4)
	for range cap(started) {
		readers.Go(func() {
			started <- struct{}{}
			for {
				if _, err := f.TensorAs("f32", dtypes.Float64); err != nil {
					assert.ErrorIs(t, err, safetensors.ErrClosed)
					return
				}
			}
		})
	}
	for range cap(started) {
		<-started
	}
	require.NoError(t, f.Close())
	readers.Wait()
}

// A tensor that is there already is read into, converted where its dtype is another.
func TestReadInto(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.safetensors")
	require.NoError(t, safetensors.Write(path, map[string]*tensors.Tensor{"a": tensors.FromValue([][]float32{{1, 2.5}, {-3, 0.1}})}, nil))
	f, err := safetensors.Open(path)
	require.NoError(t, err)
	defer f.Close()
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.BFloat16, dtypes.Float16} {
		want, err := f.TensorAs("a", dtype)
		require.NoError(t, err)
		got := tensors.FromShape(shapes.Make(dtype, 2, 2))
		require.NoError(t, f.ReadInto("a", got))
		require.True(t, want.Equal(got), dtype)
	}
	require.ErrorIs(t, f.ReadInto("b", tensors.FromShape(shapes.Make(dtypes.Float32, 2, 2))), safetensors.ErrNotFound)
	require.ErrorIs(t, f.ReadInto("a", tensors.FromShape(shapes.Make(dtypes.Float32, 4))), safetensors.ErrDType)
	require.ErrorIs(t, f.ReadInto("a", tensors.FromShape(shapes.Make(dtypes.Int32, 2, 2))), safetensors.ErrDType)
}
