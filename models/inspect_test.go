package models_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
)

// What a folder is told to hold is what Load then holds.
func TestInspect(t *testing.T) {
	on := engine(t)
	for _, config := range [][]byte{
		tiny("BertForSequenceClassification", ""), tinyGPT2("GPT2LMHeadModel", ""), tinyDecoder("phi3", "Phi3ForCausalLM", ""),
	} {
		dir := t.TempDir()
		b, err := models.Random(config, on, models.DType("bfloat16"))
		require.NoError(t, err)
		require.NoError(t, b.Save(dir))
		f, err := models.Inspect(dir)
		require.NoError(t, err)
		require.Equal(t, b.Info(), f.Info)
		require.Equal(t, b.Sites(), f.Sites())
		require.Equal(t, b.NumParams(), f.Parameters())
		require.Equal(t, b.Origin().Tied, f.Tied())
		require.Empty(t, f.Missing())
		n := int64(b.NumParams())
		for dtype, want := range map[string]int64{"float32": 4 * n, "bfloat16": 2 * n, "float16": 2 * n, "auto": 2 * n, "int7": 0} {
			require.Equal(t, want, f.Bytes(dtype), dtype)
		}
		require.Equal(t, map[string]int64{"BFloat16": 2 * n}, f.OnDisk())
	}
}

func TestInspectNamesWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	b, err := models.Random(tiny("BertModel", ""), engine(t))
	require.NoError(t, err)
	require.NoError(t, b.Save(dir))
	f, err := models.Inspect(dir, models.Head(arch.SequenceClass))
	require.NoError(t, err)
	require.Equal(t, []string{"classifier.weight", "classifier.bias"}, f.Missing())
	require.False(t, f.Tokenizer)
	require.Contains(t, f.String(), "bert, sequence-classification")
	require.Contains(t, f.String(), "missing: classifier.weight, classifier.bias")

	require.NoError(t, os.Remove(filepath.Join(dir, "model.safetensors"))) // a config alone
	f, err = models.Inspect(dir)
	require.NoError(t, err)
	require.Equal(t, b.NumParams(), f.Parameters())
	require.Empty(t, f.OnDisk())
	require.Contains(t, f.String(), "no weights")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors"), []byte("no safetensors"), 0o644))
	_, err = models.Inspect(dir)
	require.ErrorContains(t, err, "model.safetensors")
}
