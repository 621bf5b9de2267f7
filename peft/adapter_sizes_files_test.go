package peft_test

import (
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// resized are the golden cases with a vocabulary of 71 on bases of 61, by base.
var resized = map[string][]string{
	"llama_lm": {"lora-resized-save", "lora-resized-embed"}, "gpt2_lm": {"lora-resized-save", "lora-resized-tokens"},
	"t5_s2s": {"lora-resized"}, "bart_s2s": {"lora-resized-head"}, "bert_mlm": {"lora-resized"},
}

// On a backbone that was resized the same files open as well, with the same numbers and the same bytes when saved.
func TestOpensOnResized(t *testing.T) {
	golden.OnGo(t)
	for base, cases := range resized {
		s := newSizes(t, base)
		b, err := models.Resize(s.base.Backbone, 71, 5)
		require.NoError(t, err)
		for _, name := range cases {
			c, err := s.f.Case(base, name)
			require.NoError(t, err)
			a, err := peft.Load(b, c.Dir)
			require.NoError(t, err, name)
			require.NoError(t, golden.Tolerance{Abs: 1e-4, Rel: 1e-4}.NearAll(base+" "+name, golden.Under(c.Golden, "out."),
				must(a.Forward(t.Context(), a.All(), golden.Under(c.Golden, "in.")))))
			dir := filepath.Join(t.TempDir(), "again")
			require.NoError(t, a.Save(dir))
			want, got := must(peft.ReadTensors(filepath.Join(c.Dir, peft.WeightsFile))), must(peft.ReadTensors(filepath.Join(dir, peft.WeightsFile)))
			require.NoError(t, golden.Same(base+" "+name, want, got))
		}
	}
}

// A merged backbone says its sizes in config.json.
func TestMergedSizes(t *testing.T) {
	golden.OnGo(t)
	s := newSizes(t, "llama_lm")
	s.load("lora-resized-save")
	merged, err := s.Merge(t.Context(), peft.Use("lora-resized-save"))
	require.NoError(t, err)
	require.Equal(t, 71, merged.Info().Vocab)
	var config struct {
		Vocab int `json:"vocab_size"`
	}
	require.NoError(t, json.Unmarshal(merged.Origin().Config, &config))
	require.Equal(t, 71, config.Vocab)
	again, err := models.Resize(merged, 61, 0)
	require.NoError(t, err)
	require.Equal(t, 61, again.Info().Vocab)
	_, err = peft.New(merged).LoadAs("same", s.f.CaseDir("llama_lm", "lora-resized-save"))
	require.NoError(t, err)
}

// A vocabulary of its own leaves the names of the backbone's classes alone.
func TestOwnVocabularyKeepsClasses(t *testing.T) {
	golden.OnGo(t)
	f, e := golden.Committed(t), golden.OpenEngine(t)
	b := must(models.Load(f.BaseDir("bert_seqcls"), models.On(e), models.Classes("x", "y", "z")))
	more := must(models.Resize(b, 70, 0))
	a, err := peft.Attach(more, "a", withHead(small(2, 4, "query")))
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "a")
	require.NoError(t, a.Save(dir))
	opened, err := peft.Load(b, dir)
	require.NoError(t, err)
	info := must(opened.Info(opened.All()))
	require.Equal(t, 70, info.Vocab)
	require.Equal(t, []string{"x", "y", "z"}, info.Classes)
}

// A file may untie what the backbone ties: embeddings and head of its own, of the backbone's size.
func TestUntiedBeside(t *testing.T) {
	golden.OnGo(t)
	const words, head = "base_model.model.transformer.wte.weight", "base_model.model.lm_head.weight"
	s := newSizes(t, "gpt2_lm")
	filled := func(v float32) *peft.Tensor { return tensors.FromScalarAndDimensions(v, 61, 32) }
	_, err := s.LoadAs("untied", s.edited("lora", func(v peft.Tensors) { v[words], v[head] = filled(0.25), filled(0.5) }))
	require.NoError(t, err)
	merged := must(s.Merge(t.Context(), peft.Use("untied")))
	values := maps.Collect(merged.Values())
	require.True(t, values["transformer.wte.weight"].Equal(filled(0.25)))
	require.True(t, values["lm_head.weight"].Equal(filled(0.5)))
	near := golden.Tolerance{Abs: 1e-5, Rel: 1e-5}
	require.NoError(t, near.NearAll("merged", s.forward(peft.Use("untied"), s.base.In), must(merged.Forward(t.Context(), s.base.In))))
}

// Adapters of one size may differ in what is tied, and so in their programs. What stands beside an adapter's values may be
// given to Set with them.
func TestTiedAndUntiedOfOneSize(t *testing.T) {
	golden.OnGo(t)
	const name, head = "lora-resized-tokens", "base_model.model.lm_head.token_adapter.base_layer.weight"
	s, alone := newSizes(t, "gpt2_lm"), newSizes(t, "gpt2_lm")
	c := s.load(name)
	s.forward(peft.Use(name), golden.Under(c.Golden, "in."))
	dir := s.edited(name, func(v peft.Tensors) { v[head] = tensors.FromScalarAndDimensions(float32(0.5), 71, 32) })
	_, err := s.LoadAs("untied", dir)
	require.NoError(t, err)
	_, err = alone.LoadAs("untied", dir)
	require.NoError(t, err)
	again, err := alone.f.Case("gpt2_lm", name) // tensors are one engine's
	require.NoError(t, err)
	want := alone.forward(peft.Use("untied"), golden.Under(again.Golden, "in."))
	require.NoError(t, golden.Same("beside a tied one", want, s.forward(peft.Use("untied"), golden.Under(c.Golden, "in."))))
	require.NoError(t, must(s.Adapter(name)).Set(must(peft.ReadConfig(c.Dir)), must(peft.ReadTensors(filepath.Join(c.Dir, peft.WeightsFile)))))
}

// A backbone whose model comes in one size says what does not fit, as ever.
func TestFixedSizes(t *testing.T) {
	golden.OnGo(t)
	s := newSizes(t, "bert_seqcls")
	from := s.base.Backbone.Origin()
	from.Resized = nil
	fixed, err := peft.NewBackbone(peft.ModelOf(s.base.Backbone), maps.Collect(s.base.Backbone.Values()), s.base.Backbone.Engine(), from)
	require.NoError(t, err)
	_, err = peft.Load(fixed, s.f.CaseDir("bert_seqcls", "lora-classes"))
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "[5")

	from.Resized = func(int, []string) (*seam.Resized, error) { return nil, errors.New("no such size") }
	stubborn, err := peft.NewBackbone(peft.ModelOf(s.base.Backbone), maps.Collect(s.base.Backbone.Values()), s.base.Backbone.Engine(), from)
	require.NoError(t, err)
	_, err = peft.Load(stubborn, s.f.CaseDir("bert_seqcls", "lora-classes"))
	require.ErrorContains(t, err, "no such size")
}
