package models_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

func TestBadFolders(t *testing.T) {
	on := engine(t)
	b, err := models.Random(tiny("BertModel", ""), on)
	require.NoError(t, err)
	whole := func(t *testing.T) string {
		dir := t.TempDir()
		require.NoError(t, b.Save(dir))
		return dir
	}
	write := func(t *testing.T, dir, name, text string) string {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
		return dir
	}
	for _, c := range []struct {
		name  string
		dir   func(t *testing.T) string
		is    error
		names []string // what the message names
	}{
		{"no folder", func(t *testing.T) string { return filepath.Join(t.TempDir(), "none") }, models.ErrFolder, []string{"none", "config.json"}},
		{"no weights", func(t *testing.T) string { return write(t, t.TempDir(), "config.json", string(tiny("BertModel", ""))) }, models.ErrFolder, []string{"model.safetensors"}},
		{"no JSON", func(t *testing.T) string { return write(t, whole(t), "config.json", "{") }, arch.ErrConfig, []string{"config.json"}},
		{"another family", func(t *testing.T) string { return write(t, whole(t), "config.json", `{"model_type":"mamba"}`) }, models.ErrFamily, []string{`"mamba"`, "bert"}},
		{"another head", func(t *testing.T) string {
			return write(t, whole(t), "config.json", string(tiny("BertForMultipleChoice", "")))
		}, models.ErrFamily, []string{"BertForMultipleChoice", "BertForMaskedLM"}},
		{"half the tensors", func(t *testing.T) string {
			dir := whole(t)
			rename(t, dir, func(n string) string {
				if n == "encoder.layer.0.output.dense.weight" {
					return ""
				}
				return n
			})
			return dir
		}, models.ErrWeights, []string{"encoder.layer.0.output.dense.weight", "encoder.layer.0.attention.output.dense.weight"}},
		{"another width", func(t *testing.T) string {
			return write(t, whole(t), "config.json", string(tiny("BertModel", `,"vocab_size":21`)))
		}, models.ErrWeights, []string{"word_embeddings.weight", "[20 8]", "[21 8]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := models.Load(c.dir(t), on)
			require.ErrorIs(t, err, c.is)
			for _, n := range c.names {
				require.ErrorContains(t, err, n)
			}
		})
	}
	_, err = models.Load(filepath.Join(t.TempDir(), "none"), on)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// Every field that would change the numbers and is not supported is refused by name.
func TestUnsupportedConfig(t *testing.T) {
	for field, more := range map[string]string{
		"position_embedding_type":      `,"position_embedding_type":"relative_key"`,
		"is_decoder":                   `,"is_decoder":true`,
		"add_cross_attention":          `,"add_cross_attention":true`,
		"hidden_act":                   `,"hidden_act":"laplace"`,
		"num_attention_heads":          `,"num_attention_heads":3`,
		"hidden_dropout_prob":          `,"hidden_dropout_prob":1.5`,
		"layer_norm_eps":               `,"layer_norm_eps":0`,
		"hidden_size":                  `,"hidden_size":-8`,
		"num_hidden_layers":            `,"num_hidden_layers":"two"`,
		"problem_type":                 `,"problem_type":"ranking"`,
		"pruned_heads":                 `,"pruned_heads":{"0":[1]}`,
		"quantization_config":          `,"quantization_config":{"bits":4}`,
		"id2label":                     `,"id2label":{"0":"a","2":"c"}`,
		"intermediate_size":            `,"intermediate_size":0`,
		"vocab_size":                   `,"vocab_size":99999999999`,
		"max_position_embeddings":      `,"max_position_embeddings":1e99`,
		"type_vocab_size":              `,"type_vocab_size":null,"type_vocab_size":0`,
		"attention_probs_dropout_prob": `,"attention_probs_dropout_prob":-1`,
	} {
		_, err := models.Random(tiny("BertForSequenceClassification", more))
		require.ErrorIs(t, err, arch.ErrConfig, field)
		require.ErrorContains(t, err, field)
	}
	_, err := models.Random(tiny("BertForMaskedLM", `,"tie_word_embeddings":false`))
	require.ErrorContains(t, err, "tie_word_embeddings")
}

// Gathers clamp in silence, so arguments are checked before they reach a graph.
func TestBadInput(t *testing.T) {
	on := engine(t)
	b, err := models.Random(tiny("BertForSequenceClassification", ""), on)
	require.NoError(t, err)
	long := make([][]int32, 1)
	long[0] = make([]int32, 17)
	for _, c := range []struct {
		name, value string
		change      peft.Tensors
	}{
		{"input_ids", "20", peft.Tensors{"input_ids": tensors.FromValue([][]int32{{1, 2, 3, 20}, {1, 2, 3, 4}})}},
		{"input_ids", "-1", peft.Tensors{"input_ids": tensors.FromValue([][]int64{{1, 2, 3, -1}, {1, 2, 3, 4}})}},
		{"input_ids", "16 positions", peft.Tensors{"input_ids": tensors.FromValue(long), "attention_mask": nil}},
		{"input_ids", "missing", peft.Tensors{"input_ids": nil}},
		{"input_ids", "Float32", peft.Tensors{"input_ids": tensors.FromValue([][]float32{{1, 2, 3, 4}, {1, 2, 3, 4}})}},
		{"input_ids", "[4]", peft.Tensors{"input_ids": tensors.FromValue([]int32{1, 2, 3, 4})}},
		{"attention_mask", "[2 3]", peft.Tensors{"attention_mask": tensors.FromValue([][]int32{{1, 1, 1}, {1, 1, 1}})}},
		{"attention_mask", "7", peft.Tensors{"attention_mask": tensors.FromValue([][]int32{{1, 1, 1, 7}, {1, 1, 1, 1}})}},
		{"token_type_ids", "2", peft.Tensors{"token_type_ids": tensors.FromValue([][]int32{{0, 1, 2, 0}, {0, 0, 0, 0}})}},
		{"labels", "2", peft.Tensors{"labels": tensors.FromValue([]int32{0, 2})}},
		{"labels", "[3]", peft.Tensors{"labels": tensors.FromValue([]int32{0, 1, 1})}},
		{"pixel_values", "no argument", peft.Tensors{"pixel_values": tensors.FromValue([]float32{0})}},
	} {
		in := input()
		for k, v := range c.change {
			if in[k] = v; v == nil {
				delete(in, k)
			}
		}
		_, err := b.Forward(context.Background(), in)
		require.ErrorIs(t, err, peft.ErrInput, c.name)
		require.ErrorContains(t, err, c.name)
		require.ErrorContains(t, err, c.value)
	}
}
