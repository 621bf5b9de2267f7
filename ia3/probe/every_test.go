package probe_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/ia3/probe"
	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// On every kind of model the head is found: the part that is no hidden layer. A model without one is refused.
func TestEveryModel(t *testing.T) {
	golden.OnGo(t)
	f, e := golden.Committed(t), golden.OpenEngine(t)
	bases, err := f.Bases()
	require.NoError(t, err)
	heads := map[string][]string{}
	for _, name := range bases {
		base, err := f.Base(e, name)
		require.NoError(t, err)
		info := base.Backbone.Info()
		a, err := peft.Attach(base.Backbone, "head", &probe.Config{})
		if info.Head == "" {
			require.ErrorIs(t, err, peft.ErrConfig, name)
			require.ErrorContains(t, err, "modules_to_save")
			continue
		}
		require.NoError(t, err, name)
		params, err := a.Trainable(a.All())
		require.NoError(t, err)
		for _, p := range params {
			heads[name] = append(heads[name], p.Replaces)
		}
		out, err := a.Forward(t.Context(), a.All(), base.In)
		require.NoError(t, err, name)
		require.NoError(t, golden.Tolerance{Abs: 1e-4, Rel: 1e-4}.NearAll(name, base.Out, out))
	}
	for name, want := range map[string][]string{
		"bert_seqcls":          {"classifier.bias", "classifier.weight"},
		"bert_qa":              {"qa_outputs.bias", "qa_outputs.weight"},
		"bert_mlm":             {"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"},
		"tiny_roberta_mlm":     {"lm_head.decoder.weight", "lm_head.decoder.bias"},
		"tiny_roberta_seqcls":  {"classifier.dense.bias", "classifier.dense.weight", "classifier.out_proj.bias", "classifier.out_proj.weight"},
		"tiny_wav2vec2_ctc":    {"lm_head.weight", "lm_head.bias"},
		"tiny_wav2vec2_seqcls": {"classifier.bias", "classifier.weight"},
		"llama_lm":             {"lm_head.weight"},
		"gpt2_lm":              {"lm_head.weight"},
		"t5_s2s":               {"lm_head.weight"},
		"tiny_resnet_imgcls":   {"classifier.1.bias", "classifier.1.weight"},
	} {
		require.ElementsMatch(t, want, heads[name], name)
	}
}
