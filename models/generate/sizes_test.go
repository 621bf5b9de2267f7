package generate_test

import (
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// An adapter with a vocabulary of its own reads and writes its tokens: each is the likeliest that a forward pass gives.
func TestOwnVocabulary(t *testing.T) {
	a := tiny(t, "llama_lm") // 61 tokens
	const name = "lora-resized-save"
	_, err := a.LoadAs(name, golden.Committed(t).CaseDir("llama_lm", name)) // 71
	require.NoError(t, err)
	g, err := generate.New(a, generate.Options{MaxNewTokens: 6, EOS: []int32{62}, Pad: new(int32(63))})
	require.NoError(t, err)
	for _, start := range []int32{69, 61, 5} {
		ids := []int32{30, start, 58}
		got, err := g.Generate(t.Context(), peft.Use(name), generate.Batch{IDs: [][]int32{ids}})
		require.NoError(t, err)
		for len(ids) < 9 && ids[len(ids)-1] != 62 {
			out, err := a.Forward(t.Context(), peft.Use(name), peft.Tensors{"input_ids": tensors.FromValue([][]int32{ids})})
			require.NoError(t, err)
			logits := tensors.MustCopyFlatData[float32](out["logits"])
			last := logits[len(logits)-71:]
			ids = append(ids, int32(slices.Index(last, slices.Max(last))))
		}
		require.Equal(t, ids, got.Sequences[0])
	}
	_, err = g.Generate(t.Context(), peft.Use(name), generate.Batch{IDs: [][]int32{{71}}})
	require.ErrorIs(t, err, generate.ErrPrompt)
	require.ErrorContains(t, err, "vocabulary of 71")
	// The bare backbone knows none of these tokens.
	_, err = g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: [][]int32{{5}}})
	require.ErrorIs(t, err, generate.ErrOption)
	require.ErrorContains(t, err, "eos_token_id 62 is outside the vocabulary of 61")
	g, err = generate.New(a, generate.Options{MaxNewTokens: 2})
	require.NoError(t, err)
	_, err = g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: [][]int32{{69}}})
	require.ErrorContains(t, err, "vocabulary of 61")
	_, err = generate.New(a, generate.Options{EOS: []int32{71}})
	require.ErrorContains(t, err, "eos_token_id 71 is outside the vocabulary of 71")
	_, err = g.Generate(t.Context(), peft.Use("nobody"), generate.Batch{IDs: [][]int32{{5}}})
	require.ErrorIs(t, err, peft.ErrAdapter)
}
