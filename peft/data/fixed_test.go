package data_test

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/data"
)

func save(t *testing.T, values map[string]*tensors.Tensor) string {
	path := filepath.Join(t.TempDir(), "in.safetensors")
	require.NoError(t, safetensors.Write(path, values, nil))
	return path
}

func TestTensorsBad(t *testing.T) {
	x := tensors.FromValue([]int32{1})
	for _, c := range []struct {
		values map[string]*tensors.Tensor
		is     error
		says   string
	}{
		{map[string]*tensors.Tensor{}, data.ErrEmpty, "no examples"},
		{map[string]*tensors.Tensor{"in.input_ids": x, "labels": x}, data.ErrFormat,
			`malformed data: tensor "labels" stands beside "in.input_ids": write "in." before all arguments or none`},
		{map[string]*tensors.Tensor{"attention_mask": tensors.FromValue([]uint8{1})}, data.ErrFormat,
			"malformed data: attention_mask holds Uint8, want int64, int32, float32 or bool"},
	} {
		path := save(t, c.values)
		_, err := data.Tensors(path)
		require.EqualError(t, err, path+": "+c.says)
		require.ErrorIs(t, err, c.is)
	}
	_, err := data.Tensors(filepath.Join(t.TempDir(), "none.safetensors"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = data.Tensors("testdata/tokenizer.json")
	require.ErrorIs(t, err, safetensors.ErrFormat)
}

func TestTensors(t *testing.T) {
	fixed, err := data.Tensors("testdata/io.safetensors")
	require.NoError(t, err)
	require.Equal(t, 1, fixed.NumBatches())
	b := collect(t, fixed, 4, 0)[0]
	require.Empty(t, collect(t, fixed, 4, 1))
	require.Len(t, b.Tensors, 4)
	require.Equal(t, 3, b.Rows)
	mask := b.Tensors["attention_mask"].Value().([][]int64)
	ones := int(sum(mask[0]) + sum(mask[1]) + sum(mask[2]))
	require.Less(t, ones, 27)
	require.Equal(t, ones, b.Tokens)

	// The same without prefixes, with another type of mask, and without one.
	for _, mask := range []any{[][]bool{{true, false}}, [][]float32{{1, 0}}, [][]int32{{0, 1}}, nil} {
		in := map[string]*tensors.Tensor{"input_ids": tensors.FromValue([][]int32{{5, 6}})}
		want := 2
		if mask != nil {
			in["attention_mask"], want = tensors.MustFromAnyValue(mask), 1
		}
		fixed, err := data.Tensors(save(t, in))
		require.NoError(t, err)
		require.Equal(t, 1, fixed.Batch.Rows)
		require.Equal(t, want, fixed.Batch.Tokens)
		require.Equal(t, [][]int32{{5, 6}}, fixed.Batch.Tensors["input_ids"].Value())
	}

	fixed, err = data.Tensors(save(t, map[string]*tensors.Tensor{
		"input_ids":    tensors.FromValue([][]int32{{5, 6}, {7, 8}}),
		"position_ids": tensors.FromValue([][]int32{{0, 1}}),
		"scale":        tensors.FromScalar(float32(2)),
	}))
	require.NoError(t, err)
	require.Equal(t, 2, fixed.Batch.Rows)
	require.Equal(t, 4, fixed.Batch.Tokens)
}
