package full_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/ia3/full"
	"github.com/gopeft/gopeft/internal/pefttest/golden"
	_ "github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// GPT-2's embeddings are its output layer's weight as well, under a path of its own.
const words, output = "transformer.wte.weight", "lm_head.weight"

func gpt2(t *testing.T) *peft.Backbone {
	b, err := models.Random([]byte(`{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"],
		"n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 8, "vocab_size": 11}`), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	return b
}

// replaced gives for the path of each value that trains those that it takes the place of beside it.
func replaced(t *testing.T, cfg *full.Config) map[string][]string {
	a, err := peft.Attach(gpt2(t), "a", cfg)
	require.NoError(t, err)
	params, err := a.Trainable(a.All())
	require.NoError(t, err)
	out := map[string][]string{}
	for _, p := range params {
		out[p.Replaces] = append([]string{}, p.Shared...)
	}
	return out
}

// What the model has as one value under two paths stays one, unless one of the two is trained apart.
func TestSharedValues(t *testing.T) {
	all := replaced(t, &full.Config{})
	require.Equal(t, []string{output}, all[words])
	require.NotContains(t, all, output)

	for _, excluded := range []string{"wte", "lm_head"} { // under whichever path
		some := replaced(t, &full.Config{Exclude: peft.Match(excluded)})
		require.NotContains(t, some, words)
		require.NotContains(t, some, output)
		require.Len(t, some, len(all)-1)
	}
	require.Equal(t, map[string][]string{words: {output}}, replaced(t, &full.Config{Targets: peft.Match("lm_head")}))

	apart := replaced(t, &full.Config{Common: peft.Common{ModulesToSave: []string{"lm_head"}}})
	require.Empty(t, apart[words])
	require.Contains(t, apart, output)
}

// A change of the shared value shows in both places; merged, the model has it once again.
func TestSharedValuesMerge(t *testing.T) {
	b := gpt2(t)
	a, err := peft.Attach(b, "a", &full.Config{Targets: peft.Match("wte")})
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{3, 1, 4}})}
	bare, err := a.Forward(t.Context(), peft.Base(), in)
	require.NoError(t, err)

	const key = "base_model.model." + words
	old, err := ad.Value(key)
	require.NoError(t, err)
	flat := tensors.MustCopyFlatData[float32](old)
	for i := 8 * 5; i < 8*6; i++ { // of a token that is not in the text: only the output layer reads it
		flat[i] = 1
	}
	require.NoError(t, ad.Set(ad.Config(), peft.Tensors{key: tensors.FromFlatDataAndDimensions(flat, 11, 8)}))
	out, err := a.Forward(t.Context(), a.All(), in)
	require.NoError(t, err)
	was, is := tensors.MustCopyFlatData[float32](bare["logits"]), tensors.MustCopyFlatData[float32](out["logits"])
	for i := range was {
		if i%11 == 5 {
			require.NotEqual(t, was[i], is[i])
		} else {
			require.Equal(t, was[i], is[i])
		}
	}

	// So it does in a plain LoRA, which has one for each of the places.
	_, err = a.ToLoRA(t.Context(), "a", "plain", peft.LoRAOptions{Energy: 1})
	require.NoError(t, err)
	plain, err := a.Forward(t.Context(), peft.Use("plain"), in)
	require.NoError(t, err)
	require.True(t, out["logits"].InDelta(plain["logits"], 1e-5))

	merged, err := a.Merge(t.Context(), peft.Use("a"))
	require.NoError(t, err)
	var now [2]*peft.Tensor
	for path, v := range merged.Values() {
		switch path {
		case words:
			now[0] = v
		case output:
			now[1] = v
		}
	}
	require.Same(t, now[0], now[1])
	again, err := merged.Forward(t.Context(), in)
	require.NoError(t, err)
	require.True(t, out["logits"].Equal(again["logits"]))
}
