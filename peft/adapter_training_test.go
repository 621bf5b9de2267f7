package peft_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	_ "github.com/gopeft/gopeft/prompt/prefix"
)

// A file with what was computed of the values that trained: StartOver brings those, others leave the adapter as it is.
func TestStartOver(t *testing.T) {
	s := newScene(t)
	c, err := golden.Committed(t).Case("bert_seqcls", "prefix-proj")
	require.NoError(t, err)
	_, err = s.LoadAs("p", c.Dir)
	require.NoError(t, err)
	trainable := func() []string {
		params, err := s.Trainable(peft.Use("p"))
		require.NoError(t, err)
		var keys []string
		for _, p := range params {
			keys = append(keys, p.FileKey())
		}
		return keys
	}
	before, keys := s.logits(peft.Use("p")), trainable()
	require.Contains(t, keys, prompt.Embeddings)

	for name, values := range map[string]peft.Tensors{
		"other":                    {"other": tensors.FromValue([]float32{1})},
		prompt.Embedding:           {prompt.Embedding: tensors.FromValue([][]float32{{1}})},
		"prompt_encoder.transform": {"prompt_encoder.transform": tensors.FromValue([]float32{1})},
	} {
		var at *peft.TensorError
		require.ErrorAs(t, s.StartOver("p", values), &at)
		require.Equal(t, name, at.Tensor)
	}
	require.ErrorIs(t, s.StartOver("q", nil), peft.ErrAdapter)
	require.NoError(t, s.StartOver("p", nil))
	require.Equal(t, before, s.logits(peft.Use("p")))
	require.Equal(t, keys, trainable())

	first := golden.Under(c.Golden, "init.")
	require.NoError(t, s.StartOver("p", maps.Clone(first)))
	require.ElementsMatch(t, slices.Collect(maps.Keys(first)), trainable())
	out, err := s.Forward(t.Context(), peft.Use("p"), s.in)
	require.NoError(t, err)
	require.NoError(t, golden.Tolerance{Abs: 1e-5}.NearAll("outputs", golden.Under(c.Golden, "out."), out))
}

// A value goes by its key in the file and by its name while it trains, but not by both at once.
func TestAlias(t *testing.T) {
	s := newScene(t)
	c, err := golden.Committed(t).Case("bert_seqcls", "prompt")
	require.NoError(t, err)
	ad, err := s.LoadAs("p", c.Dir)
	require.NoError(t, err)
	v, err := ad.Value(prompt.Embedding)
	require.NoError(t, err)
	same, err := ad.Value(prompt.Embeddings)
	require.NoError(t, err)
	require.Same(t, same, v)

	other := shaken(ad, "other")[prompt.Embeddings]
	require.NoError(t, ad.Set(ad.Config(), peft.Tensors{prompt.Embedding: other}))
	v, err = ad.Value(prompt.Embeddings)
	require.NoError(t, err)
	require.Same(t, other, v)
	require.NotContains(t, ad.Values(), prompt.Embedding)
	require.ErrorIs(t, ad.Set(ad.Config(), peft.Tensors{prompt.Embedding: v, prompt.Embeddings: v}), peft.ErrTensor)
}
