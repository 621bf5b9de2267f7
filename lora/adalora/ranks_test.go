package adalora_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora/adalora"
	"github.com/gopeft/gopeft/peft"
)

// A target may lose all its ranks: its file holds empty tensors there, as HF PEFT's does, and computes and trains on.
func TestTargetWithoutRanks(t *testing.T) {
	r := open(t)
	ad, err := r.adapted.Adapter("budget")
	require.NoError(t, err)
	const target = "base_model.model.bert.encoder.layer.1.attention.self.query"
	require.NoError(t, ad.Set(ad.Config(), peft.Tensors{target + ".lora_E": tensors.FromFlatDataAndDimensions(make([]float32, 6), 6, 1)}))
	dir := t.TempDir()
	require.NoError(t, r.adapted.Save(dir))
	again, err := peft.Load(r.base.Backbone, dir)
	require.NoError(t, err)
	cut, err := again.Adapter(again.Names()[0])
	require.NoError(t, err)
	require.Equal(t, make([]bool, 6), cut.Config().(*adalora.Config).RankPattern["bert.encoder.layer.1.attention.self.query.lora_E"])
	a, err := cut.Value(target + ".lora_A")
	require.NoError(t, err)
	require.Equal(t, []int{0, 32}, a.Shape().Dimensions)
	want, err := r.adapted.Forward(t.Context(), r.adapted.All(), r.base.In)
	require.NoError(t, err)
	got, grads, err := again.Gradients(t.Context(), again.All(), r.base.In)
	require.NoError(t, err)
	require.NotEmpty(t, grads)
	require.NoError(t, golden.Tolerance{Abs: 1e-6}.Near("logits", want["logits"], got["logits"]))
	r.adapted = again
	o := r.options()
	r.fit(t, o)
	require.NoError(t, again.Save(t.TempDir()))
	_, err = again.Merge(t.Context(), again.All())
	require.NoError(t, err)
}
