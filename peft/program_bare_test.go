package peft_test

import (
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Bare gives, in one graph with an adapter's outputs and in training, what the backbone alone gives without dropout.
func TestBare(t *testing.T) {
	b, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],"vocab_size":20,"hidden_size":8,
		"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":16,"max_position_embeddings":8,"hidden_dropout_prob":0.5}`))
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &lora.Config{Targets: peft.Match("query", "value")}, peft.Seed(1))
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	acting := peft.Tensors{}
	for key, v := range ad.Values() {
		acting[key] = tensors.FromFlatDataAndDimensions(slices.Repeat([]float32{0.5}, v.Size()), v.Shape().Dimensions...)
	}
	require.NoError(t, ad.Set(ad.Config(), acting))
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{1, 2, 3, 4}, {5, 6, 7, 8}})}
	want, err := b.Forward(t.Context(), in)
	require.NoError(t, err)
	with, err := a.Forward(t.Context(), a.All(), in)
	require.NoError(t, err)
	out, err := a.Run(t.Context(), peft.Program{Key: "bare test", Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["logits"], c.Bare(in)["logits"]}
	}}, a.All(), in, []*peft.Tensor{peft.RandomState(1)}, nil)
	require.NoError(t, err)
	flat := func(v *peft.Tensor) []float32 { return tensors.MustCopyFlatData[float32](v) }
	require.InDeltaSlice(t, flat(want["logits"]), flat(out[1]), 1e-6)
	require.NotEqual(t, flat(out[0]), flat(out[1]))
	require.NotEqual(t, flat(with["logits"]), flat(out[1]))
}

// One at a time trains an adapter, and a second end ends nothing but its own.
func TestBeginTraining(t *testing.T) {
	b, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],"vocab_size":20,"hidden_size":8,
		"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":16,"max_position_embeddings":8}`))
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &lora.Config{Targets: peft.Match("query")})
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	first, err := ad.BeginTraining()
	require.NoError(t, err)
	_, err = ad.BeginTraining()
	require.ErrorIs(t, err, peft.ErrAdapter)
	require.ErrorContains(t, err, `"a" is being trained already`)
	first()
	second, err := ad.BeginTraining()
	require.NoError(t, err)
	first()
	_, err = ad.BeginTraining()
	require.ErrorIs(t, err, peft.ErrAdapter)
	second()
	_, err = ad.BeginTraining()
	require.NoError(t, err)
}
