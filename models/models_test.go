package models_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// tiny is a BERT config of a few thousand parameters; more holds further fields.
func tiny(class, more string) []byte {
	return []byte(`{"model_type":"bert","architectures":["` + class + `"],"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,` +
		`"intermediate_size":12,"vocab_size":20,"max_position_embeddings":16,"hidden_dropout_prob":0,"attention_probs_dropout_prob":0` + more + `}`)
}

// engine opens the engine that the environment names, for one test.
func engine(t *testing.T) models.LoadOption {
	t.Helper()
	e, err := peft.OpenEngine("")
	require.NoError(t, err)
	t.Cleanup(e.Close)
	return models.On(e)
}

func input() peft.Tensors {
	return peft.Tensors{
		"input_ids":      tensors.FromValue([][]int32{{1, 2, 3, 4}, {5, 6, 7, 0}}),
		"attention_mask": tensors.FromValue([][]int32{{1, 1, 1, 1}, {1, 1, 1, 0}}),
	}
}

func forward(t *testing.T, b *peft.Backbone, output string) []float32 {
	t.Helper()
	out, err := b.Forward(context.Background(), input())
	require.NoError(t, err)
	require.Contains(t, out, output)
	return tensors.MustCopyFlatData[float32](out[output])
}

// rename writes a checkpoint again under other tensor names.
func rename(t *testing.T, dir string, name func(string) string) {
	t.Helper()
	path := filepath.Join(dir, "model.safetensors")
	file, err := safetensors.Open(path)
	require.NoError(t, err)
	values := peft.Tensors{}
	for _, n := range file.Names() {
		v, err := file.Tensor(n)
		require.NoError(t, err)
		if to := name(n); to != "" {
			values[to] = v
		}
	}
	require.NoError(t, file.Close())
	require.NoError(t, safetensors.Write(path, values, nil))
}

func TestSavedBackboneOpensAgain(t *testing.T) {
	on := engine(t)
	for _, class := range []string{"BertModel", "BertForSequenceClassification", "BertForTokenClassification", "BertForMaskedLM"} {
		b, err := models.Random(tiny(class, ""), on, models.HeadSeed(3))
		require.NoError(t, err)
		output := "logits"
		if class == "BertModel" {
			output = "last_hidden_state"
		}
		want, dir := forward(t, b, output), t.TempDir()
		require.NoError(t, b.Save(dir))
		again, err := models.Load(dir, on)
		require.NoError(t, err)
		require.Equal(t, want, forward(t, again, output), class)
		require.Equal(t, b.NumParams(), again.NumParams(), class)
	}
}

// Old checkpoints name a norm's values gamma and beta, and bare encoders lack the family's prefix.
func TestOtherNamesOfTensors(t *testing.T) {
	on := engine(t)
	b, err := models.Random(tiny("BertForSequenceClassification", ""), on)
	require.NoError(t, err)
	want := forward(t, b, "logits")
	for what, name := range map[string]func(string) string{
		"gamma and beta": func(n string) string {
			if strings.Contains(n, "LayerNorm") {
				n = strings.NewReplacer(".weight", ".gamma", ".bias", ".beta").Replace(n)
			}
			return n
		},
		"no prefix": func(n string) string { return strings.TrimPrefix(n, "bert.") },
	} {
		dir := t.TempDir()
		require.NoError(t, b.Save(dir))
		rename(t, dir, name)
		again, err := models.Load(dir, on)
		require.NoError(t, err, what)
		require.Equal(t, want, forward(t, again, "logits"), what)
	}
}

func TestNewHeadComesFromTheSeed(t *testing.T) {
	on, dir := engine(t), t.TempDir()
	b, err := models.Random(tiny("BertModel", ""), on)
	require.NoError(t, err)
	require.NoError(t, b.Save(dir))
	load := func(seed uint64) *peft.Backbone {
		b, err := models.Load(dir, on, models.Head(arch.SequenceClass), models.Classes("no", "maybe", "yes"), models.HeadSeed(seed))
		require.NoError(t, err)
		return b
	}
	one := load(1)
	require.Equal(t, []string{"no", "maybe", "yes"}, one.Info().Classes)
	require.Equal(t, []string{"classifier.weight", "classifier.bias"}, one.Origin().Drawn)
	require.Equal(t, forward(t, one, "logits"), forward(t, load(1), "logits"))
	require.NotEqual(t, forward(t, one, "logits"), forward(t, load(2), "logits"))
	require.Len(t, forward(t, one, "logits"), 2*3)
}

// A backbone held in bfloat16 takes half the memory and computes what the rounded weights compute in float32.
func TestHeldInBFloat16(t *testing.T) {
	on, dir := engine(t), t.TempDir()
	for _, config := range [][]byte{tiny("BertModel", ""), tinyGPT2("GPT2Model", ""), tinyDecoder("qwen3", "Qwen3Model", "")} {
		b, err := models.Random(config, on)
		require.NoError(t, err)
		require.NoError(t, b.Save(dir))
		half, err := models.Load(dir, on, models.DType("bfloat16"))
		require.NoError(t, err)
		for path, v := range half.Values() {
			require.Equal(t, dtypes.BFloat16, v.DType(), path)
		}
		require.NoError(t, half.Save(dir))
		rounded, err := models.Load(dir, on) // the rounded weights, widened
		require.NoError(t, err)
		require.InDeltaSlice(t, forward(t, rounded, "last_hidden_state"), forward(t, half, "last_hidden_state"), 1e-6)
	}
	stored, err := models.Load(dir, on, models.DType("auto"))
	require.NoError(t, err)
	for path, v := range stored.Values() {
		require.Equal(t, dtypes.BFloat16, v.DType(), path)
	}
	_, err = models.Load(dir, on, models.DType("float8"))
	require.ErrorContains(t, err, "float8")
}

// float16 is held as it is read, with half the memory too, and saved as it is held.
func TestHeldInFloat16(t *testing.T) {
	on, dir := engine(t), t.TempDir()
	for _, config := range [][]byte{tinyGPT2("GPT2LMHeadModel", ""), tinyDecoder("gemma2", "Gemma2ForCausalLM", "")} {
		b, err := models.Random(config, on, models.DType("float16"))
		require.NoError(t, err)
		require.NoError(t, b.Save(dir))
		half, err := models.Load(dir, on, models.DType("auto"))
		require.NoError(t, err)
		for path, v := range half.Values() {
			require.Equal(t, dtypes.Float16, v.DType(), path)
		}
		wide, err := models.Load(dir, on)
		require.NoError(t, err)
		in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{3, 4, 5}})}
		want, err := wide.Forward(t.Context(), in)
		require.NoError(t, err)
		got, err := half.Forward(t.Context(), in)
		require.NoError(t, err)
		require.True(t, want["logits"].InDelta(got["logits"], 1e-6))
	}
}

func TestShardedCheckpoint(t *testing.T) {
	on, dir := engine(t), t.TempDir()
	b, err := models.Random(tiny("BertModel", ""), on)
	require.NoError(t, err)
	require.NoError(t, b.Save(dir))
	want := forward(t, b, "last_hidden_state")
	index, shards := map[string]string{}, map[string]peft.Tensors{"a.safetensors": {}, "b.safetensors": {}}
	i := 0
	for path, v := range b.Values() {
		name := []string{"a.safetensors", "b.safetensors"}[i%2]
		index[path], shards[name][path] = name, v
		i++
	}
	for name, values := range shards {
		require.NoError(t, safetensors.Write(filepath.Join(dir, name), values, nil))
	}
	var text strings.Builder
	for path, name := range index {
		text.WriteString(`,"` + path + `":"` + name + `"`)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), []byte(`{"metadata":{},"weight_map":{`+text.String()[1:]+`}}`), 0o644))
	require.NoError(t, os.Remove(filepath.Join(dir, "model.safetensors")))
	again, err := models.Load(dir, on)
	require.NoError(t, err)
	require.Equal(t, want, forward(t, again, "last_hidden_state"))
}

func TestTokenizerOfTheFolder(t *testing.T) {
	on, dir := engine(t), t.TempDir()
	b, err := models.Random(tiny("BertModel", ""), on)
	require.NoError(t, err)
	_, err = models.Tokenizer(b)
	require.ErrorIs(t, err, models.ErrFolder)
	require.NoError(t, b.Save(dir))
	raw, err := os.ReadFile("tokenizer/testdata/wordpiece/tokenizer.json")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.json"), raw, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer_config.json"), []byte(`{"model_max_length":16,"cls_token":"[CLS]"}`), 0o644))
	b, err = models.Load(dir, on)
	require.NoError(t, err)
	tok, err := models.Tokenizer(b)
	require.NoError(t, err)
	require.Equal(t, 16, tok.MaxLength())
	require.Equal(t, int32(2), tok.Special().CLS)
}
