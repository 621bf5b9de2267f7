package tuning_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// A prompt that starts from a text is that text, also where a family scales its embeddings: behind it a decoder says
// what it says behind the text's tokens.
func TestTextIsItsTokens(t *testing.T) {
	for _, config := range []string{
		`{"model_type":"gpt2","architectures":["GPT2LMHeadModel"],"n_embd":8,"n_layer":2,"n_head":2,"n_positions":16,"vocab_size":13}`,
		`{"model_type":"gemma2","architectures":["Gemma2ForCausalLM"],"hidden_size":8,"num_hidden_layers":2,"num_attention_heads":2,
			"num_key_value_heads":1,"head_dim":4,"intermediate_size":12,"vocab_size":13}`,
	} {
		b, err := models.Random([]byte(config), models.On(golden.OpenEngine(t)))
		require.NoError(t, err)
		a, err := peft.Attach(b, "p", &tuning.Config{
			Virtual: prompt.Virtual{Tokens: 3}, Init: tuning.FromText, Text: "good", Tokenizer: "testdata/words",
		})
		require.NoError(t, err)
		behind, err := a.Forward(t.Context(), a.All(), peft.Tensors{"input_ids": tensors.FromValue([][]int32{{7, 6}})})
		require.NoError(t, err)
		whole, err := b.Forward(t.Context(), peft.Tensors{"input_ids": tensors.FromValue([][]int32{{2, 5, 3, 7, 6}})})
		require.NoError(t, err)
		require.True(t, whole["logits"].InDelta(behind["logits"], 1e-5), config)
	}
}
