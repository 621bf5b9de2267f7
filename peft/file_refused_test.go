package peft_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

// A file's NaN and infinities are said, and accepted only on demand.
func TestFileNotFinite(t *testing.T) {
	b := classifier(t)
	dir := savedAdapter(t, b, headed(t))
	path := filepath.Join(dir, peft.WeightsFile)
	values, err := peft.ReadTensors(path)
	require.NoError(t, err)
	const key = "base_model.model.classifier.bias"
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
		values[key] = tensors.FromValue([]float32{0, bad})
		require.NoError(t, peft.WriteTensors(path, values))
		_, err = peft.Load(b, dir)
		var at *peft.TensorError
		require.ErrorAs(t, err, &at)
		require.Equal(t, key, at.Tensor)
		require.ErrorContains(t, err, "number 1 is ")
		_, err = peft.Load(b, dir, peft.Lenient())
		require.NoError(t, err)
	}
}

// An adapter and a backbone never end up in one folder, where transformers would open them as something else.
func TestFoldersOfTheirOwn(t *testing.T) {
	b := classifier(t)
	dir := filepath.Join(t.TempDir(), "b")
	require.NoError(t, b.Save(dir))
	require.NoError(t, b.Save(dir))
	a, err := peft.Attach(b, "a", headed(t))
	require.NoError(t, err)
	require.ErrorContains(t, a.Save(dir), "holds a backbone (model.safetensors)")
	require.NoFileExists(t, filepath.Join(dir, peft.ConfigFile))
	require.ErrorContains(t, b.Save(savedAdapter(t, b, headed(t))), "holds an adapter")
}
