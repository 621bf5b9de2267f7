package peft_test

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// TestMergeSeveral folds two adapters in, one of them with a head, and takes both out to the bit.
func TestMergeSeveral(t *testing.T) {
	s := newScene(t)
	s.attach("a", withHead(small(4, 8, "query")))
	s.attach("b", small(3, 9, "query", "dense"))
	before := copied(t, s.b)
	merged, err := s.Merge(t.Context(), peft.Use("a", "b"))
	require.NoError(t, err)
	out, err := merged.Forward(t.Context(), s.x)
	require.NoError(t, err)
	s.near(s.logits(peft.Use("a", "b")), rowsOf(out["logits"]), 1e-5, "merged")
	require.NotEqual(t, s.logits(peft.Base()), rowsOf(out["logits"]))

	require.NoError(t, golden.Same("unmerged", before, values(merged.Unmerge())))
	require.NoError(t, golden.Same("original", before, values(s.b)))
	require.Same(t, s.b, s.b.Unmerge(), "nothing was merged")
	shared := 0
	for path, v := range merged.Values() {
		if values(s.b)[path] == v {
			shared++
		}
	}
	const query, dense, pooler, head = 2, 2 * 3, 1, 2
	require.Equal(t, len(before)-query-dense-pooler-head, shared, "what is not touched is shared")
}

func TestMergeRefused(t *testing.T) {
	s := newScene(t)
	a := s.attach("a", small(4, 8, "query"))
	s.attach("b", small(4, 8, "query"))
	s.attach("p", &tuning.Config{Virtual: prompt.Virtual{Tokens: 2}})
	for _, sel := range []peft.Selection{
		peft.Use("p"), peft.Average([]float64{1, 2}, peft.Use("a"), peft.Use("b")),
	} {
		_, err := s.Merge(t.Context(), sel)
		require.ErrorIs(t, err, peft.ErrMerge, sel)
	}
	_, err := s.Merge(t.Context(), peft.Use("x"))
	require.ErrorIs(t, err, peft.ErrAdapter)

	const key = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_B.weight"
	bad := make([]float32, 32*4)
	bad[5] = float32(math.Inf(1))
	require.NoError(t, a.Set(a.Config(), peft.Tensors{key: tensors.FromFlatDataAndDimensions(bad, 32, 4)}, peft.AllowNotFinite()))
	_, err = s.Merge(t.Context(), peft.Use("a"))
	require.ErrorIs(t, err, peft.ErrMerge)
	require.ErrorContains(t, err, "layer.0.attention.self.query.weight would hold")
}

// values gives a backbone's values by path.
func values(b *peft.Backbone) peft.Tensors {
	out := peft.Tensors{}
	for path, v := range b.Values() {
		out[path] = v
	}
	return out
}

func copied(t *testing.T, b *peft.Backbone) peft.Tensors {
	out := peft.Tensors{}
	for path, v := range b.Values() {
		var err error
		out[path], err = v.LocalClone()
		require.NoError(t, err)
	}
	return out
}
