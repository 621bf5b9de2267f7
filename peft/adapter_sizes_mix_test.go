package peft_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// What can't be computed in one batch says so, by the adapters' names and sizes.
func TestSizesDontMix(t *testing.T) {
	golden.OnGo(t)
	s := newSizes(t, "llama_lm")
	s.load("lora-resized-save")
	s.load("lora-resized-embed")
	_, err := s.LoadAs("few", s.edited("lora-resized-save", firstRows(71, 40)))
	require.NoError(t, err)
	require.NoError(t, s.Attach("queries", small(4, 8, "q_proj")))
	require.NoError(t, s.Attach("words", small(4, 8, "embed_tokens")))
	require.NoError(t, s.Attach("head", small(4, 8, "lm_head")))
	three := s.base.In
	for text, says := range map[string][]string{
		"average(few:0.5,queries:0.5)":    {"averaged", `"few" has 40 tokens`, `"queries" has 61 tokens`, "the backbone has 61 tokens"},
		"average(few:1)":                  {"averaged"},
		"rows(few,queries,few)":           {"one batch", `"few" has 40 tokens`, `"queries" has 61 tokens`},
		"rows(few,,few)":                  {"the bare backbone", `"few" has 40 tokens`},
		"rows(few,lora-resized-save,few)": {"one batch", `"few" has 40 tokens`, `"lora-resized-save" has 71 tokens`},
		// What these were trained on differs where neither of them trains.
		"rows(lora-resized-save,lora-resized-embed,lora-resized-save)": {"one batch"},
		"stack(few,lora-resized-save)":                                 {"act together", `"few" has 40 tokens`},
		"stack(few,words)":                                             {"act together", `"words" has 61 tokens`},
		"stack(head,few)":                                              {"act together"},
	} {
		var sel peft.Selection
		if rows, ok := strings.CutPrefix(text, "rows("); ok {
			sel = peft.Rows(strings.Split(strings.TrimSuffix(rows, ")"), ",")...)
		} else if sel, err = peft.ParseSelection(text); err != nil {
			t.Fatal(err)
		}
		_, err := s.Forward(t.Context(), sel, three)
		require.ErrorIs(t, err, peft.ErrAdapter, text)
		for _, part := range says {
			require.ErrorContains(t, err, part, text)
		}
		if !strings.HasPrefix(text, "rows") {
			_, err = s.Merge(t.Context(), sel)
			require.Error(t, err, text)
		}
	}
	// An adapter that leaves the vocabulary alone acts on any.
	both := peft.Use("few", "queries")
	ad := must(s.Adapter("queries"))
	require.NoError(t, ad.Set(ad.Config(), shaken(ad, "queries")))
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{3, 39, 7}, {0, 1, 2}})}
	got := s.forward(both, in)
	few := must(s.Merge(t.Context(), peft.Use("few")))
	on := peft.New(few)
	require.NoError(t, on.Attach("queries", small(4, 8, "q_proj")))
	require.NoError(t, must(on.Adapter("queries")).Set(ad.Config(), ad.Values()))
	near := golden.Tolerance{Abs: 1e-5, Rel: 1e-5}
	require.NoError(t, near.NearAll("on the merged", must(on.Forward(t.Context(), peft.Use("queries"), in)), got))
	merged := must(s.Merge(t.Context(), both))
	require.NoError(t, near.NearAll("merged", got, must(merged.Forward(t.Context(), in))))
	require.Equal(t, 40, merged.Info().Vocab)
	turned := must(s.Merge(t.Context(), peft.Use("queries", "few")))
	require.NoError(t, near.NearAll("merged in the other order", got, must(turned.Forward(t.Context(), in))))
	require.Same(t, s.Backbone(), merged.Unmerge())
}

// Rows may name adapters whose heads have one width, another than the backbone's.
func TestRowsOfOwnClasses(t *testing.T) {
	golden.OnGo(t)
	s := newSizes(t, "bert_seqcls")
	s.load("lora-classes")
	other, err := s.LoadAs("other", s.f.CaseDir("bert_seqcls", "lora-classes"))
	require.NoError(t, err)
	require.NoError(t, other.Set(other.Config(), shaken(other, "other")))
	in := maps.Clone(s.base.In)
	delete(in, "labels")
	one, two := rowsOf(s.forward(peft.Use("lora-classes"), in)["logits"]), rowsOf(s.forward(peft.Use("other"), in)["logits"])
	got := rowsOf(s.forward(peft.Rows("other", "lora-classes", "other"), in)["logits"])
	for i, want := range [][]float32{two[0], one[1], two[2]} {
		require.InDeltaSlice(t, want, got[i], 1e-5, "row %d", i)
	}
}

// Loading stays strict: what is not as many rows as all the rest is refused by name, and nothing is added.
func TestSizesMisfit(t *testing.T) {
	golden.OnGo(t)
	const head, words, embed = "base_model.model.lm_head.", "base_model.model.model.embed_tokens.", "base_model.model.model.embed_tokens.base_layer.weight"
	zeros := func(shape ...int) *peft.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return tensors.FromFlatDataAndDimensions(make([]float32, n), shape...)
	}
	s := newSizes(t, "llama_lm")
	for name, c := range map[string]struct {
		of     string
		change func(peft.Tensors)
		says   []string
	}{
		"no head": {"lora-resized-save", func(v peft.Tensors) {
			maps.DeleteFunc(v, func(key string, _ *peft.Tensor) bool { return strings.HasPrefix(key, head) })
		}, []string{"lm_head.weight", "is missing", "71 tokens", "61 tokens"}},
		"another width": {"lora-resized-embed", func(v peft.Tensors) { v[embed] = zeros(71, 31) }, []string{embed, "[71 31]", "[71 32]"}},
		"other rows":    {"lora-resized-embed", func(v peft.Tensors) { v[embed] = zeros(70, 32) }, []string{"70", "71", embed, head + "base_layer.weight"}},
		"other rows of A": {"lora-resized-embed", func(v peft.Tensors) { v[words+"lora_embedding_A"] = zeros(4, 61) },
			[]string{words + "lora_embedding_A", "[4 61]", "[4 71]"}},
		"trained otherwise": {"lora-resized-save", func(v peft.Tensors) {
			v[words+"weight"] = zeros(70, 32)
			delete(v, words+"modules_to_save.weight")
		}, []string{words + "weight", "[70 32]", "[71 32]"}},
		"a copy that is none": {"lora-resized-save", func(v peft.Tensors) { v[words+"modules_to_save.weight"] = zeros(71, 32) },
			[]string{words + "modules_to_save.weight", "differs from " + words + "weight"}},
		"twice":     {"lora-resized-embed", func(v peft.Tensors) { v[words+"weight"] = zeros(71, 32) }, []string{words, "same value as"}},
		"no copy":   {"lora-resized-embed", func(v peft.Tensors) { v[words+"original_module.weight"] = zeros(71, 32) }, []string{words + "original_module.weight"}},
		"no rows":   {"lora-resized-embed", func(v peft.Tensors) { v[embed] = zeros(0, 32) }, []string{embed, "[0 32]"}},
		"only LoRA": {"lora-resized-embed", func(v peft.Tensors) { delete(v, embed); delete(v, head+"base_layer.weight") }, []string{"lora", "71", "61"}},
	} {
		_, err := s.LoadAs("bad", s.edited(c.of, c.change))
		require.ErrorIs(t, err, peft.ErrTensor, name)
		for _, part := range c.says {
			require.ErrorContains(t, err, part, name)
		}
		require.Empty(t, s.Names(), name)
	}
	b := newSizes(t, "bert_seqcls")
	_, err := b.LoadAs("bad", b.edited("lora-classes", func(v peft.Tensors) { v["base_model.model.classifier.bias"] = zeros(4) }))
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "classifier.weight")
}
