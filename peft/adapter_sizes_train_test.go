package peft_test

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// What is trained on a backbone with new tokens opens on the one without, with the same numbers, whether or not it trains
// the embeddings. The file names them as HF PEFT does.
func TestTrainedOnResized(t *testing.T) {
	golden.OnGo(t)
	const model = "base_model.model."
	for _, c := range []struct {
		base   string
		cfg    lora.Config
		beside []string
	}{
		{"llama_lm", lora.Config{Targets: peft.Match("q_proj")}, []string{"lm_head.weight", "model.embed_tokens.weight"}},
		{"llama_lm", lora.Config{Targets: peft.Match("embed_tokens")}, []string{"lm_head.weight", "model.embed_tokens.base_layer.weight"}},
		{"llama_lm", lora.Config{Targets: peft.Match("q_proj"), Tokens: lora.TokenIDs(64, 65)},
			[]string{"lm_head.weight", "model.embed_tokens.token_adapter.base_layer.weight"}},
		{"llama_lm", lora.Config{Targets: peft.Match("q_proj"), Common: peft.Common{ModulesToSave: []string{"embed_tokens", "lm_head"}}}, nil},
		{"llama_lm", lora.Config{Targets: peft.Match("q_proj"), Common: peft.Common{ModulesToSave: []string{"embed_tokens"}}}, []string{"lm_head.weight"}},
		{"gpt2_lm", lora.Config{Targets: peft.Match("c_attn")}, []string{"transformer.wte.weight"}},
		{"gpt2_lm", lora.Config{Targets: peft.Match("c_attn"), Common: peft.Common{ModulesToSave: []string{"wte"}}}, []string{"lm_head.weight"}},
		{"gpt2_lm", lora.Config{Targets: peft.Match("c_attn"), Tokens: lora.TokenIDs(64)}, []string{"transformer.wte.token_adapter.base_layer.weight"}},
		{"t5_s2s", lora.Config{Targets: peft.Match("q")}, []string{"shared.weight"}},
		{"bart_s2s", lora.Config{Targets: peft.Match("lm_head")}, []string{"model.shared.weight"}},
		{"bert_mlm", lora.Config{Targets: peft.Match("query")}, []string{"bert.embeddings.word_embeddings.weight", "cls.predictions.decoder.bias"}},
		{"tiny_clip_text", lora.Config{Targets: peft.Match("q_proj")}, []string{"embeddings.token_embedding.weight"}},
	} {
		s := newSizes(t, c.base)
		more, err := models.Resize(s.base.Backbone, s.base.Backbone.Info().Vocab+5, 9)
		require.NoError(t, err)
		a, err := peft.Attach(more, "a", &c.cfg)
		require.NoError(t, err, c.base)
		ad := must(a.Adapter("a"))
		require.NoError(t, ad.Set(ad.Config(), shaken(ad, "a")))
		dir := filepath.Join(t.TempDir(), "a")
		require.NoError(t, a.Save(dir))
		var beside []string
		for key := range must(peft.ReadTensors(filepath.Join(dir, peft.WeightsFile))) {
			if _, trained := ad.Values()[key]; !trained {
				beside = append(beside, key)
			}
		}
		var want []string
		for _, key := range c.beside {
			want = append(want, model+key)
		}
		require.ElementsMatch(t, want, beside, c.base)

		ids := tensors.FromValue([][]int32{{3, int32(s.base.Backbone.Info().Vocab + 3), 0, 2}})
		in := peft.Tensors{"input_ids": ids}
		if more.Info().Head == "seq2seq-lm" {
			in["decoder_input_ids"] = ids
		}
		opened, err := s.LoadAs("opened", dir)
		require.NoError(t, err, c.base)
		require.Equal(t, more.Info().Vocab, opened.Info().Vocab)
		exact := golden.Tolerance{Abs: 1e-6, Rel: 1e-6}
		require.NoError(t, exact.NearAll(c.base, must(a.Forward(t.Context(), a.All(), in)), s.forward(peft.Use("opened"), in)))
		again := filepath.Join(t.TempDir(), "a")
		require.NoError(t, s.SaveAdapter("opened", again))
		require.NoError(t, golden.Same(c.base, must(peft.ReadTensors(filepath.Join(dir, peft.WeightsFile))), must(peft.ReadTensors(filepath.Join(again, peft.WeightsFile)))))
	}
}

// Heads of every family and kind bring their classes: the numbers are those of a backbone that has them.
func TestHeadsOfOtherClasses(t *testing.T) {
	golden.OnGo(t)
	f, e := golden.Committed(t), golden.OpenEngine(t)
	for _, c := range []struct {
		base, task, target string
		head               string
	}{
		{"bert_seqcls", "", "query", "classifier"},
		{"bert_tokcls", "", "query", "classifier"},
		{"tiny_roberta_seqcls", "", "query", "classifier"}, // a container
		{"tiny_distilbert_seqcls", "", "q_lin", "classifier"},
		{"tiny_distilbert_tokcls", "", "q_lin", "classifier"},
		{"llama_lm", "sequence-classification", "q_proj", "score"},
		{"bart_s2s", "sequence-classification", "q_proj", "classification_head"},
		{"t5_s2s", "sequence-classification", "q", "classification_head"},
		{"tiny_vit_imgcls", "", "query", "classifier"},
		{"tiny_clip_imgcls", "", "q_proj", "classifier"},
		{"tiny_resnet_imgcls", "", "convolution", "classifier"},
		{"tiny_wav2vec2_seqcls", "", "q_proj", "classifier"},
	} {
		base, err := f.Base(e, c.base)
		require.NoError(t, err)
		opts := []models.LoadOption{models.On(e)}
		if c.task != "" {
			opts = append(opts, models.Head(c.task))
		}
		plain := must(models.Load(f.BaseDir(c.base), opts...))
		names := []string{"a", "b", "c", "d", "e", "f", "g"}
		wide := must(models.Load(f.BaseDir(c.base), append(opts, models.Classes(names...))...))
		a, err := peft.Attach(wide, "a", &lora.Config{R: 2, Targets: peft.Match(c.target), Common: peft.Common{ModulesToSave: []string{c.head}, Classes: names}})
		require.NoError(t, err, c.base)
		ad := must(a.Adapter("a"))
		require.NoError(t, ad.Set(ad.Config(), shaken(ad, "a")))
		dir := filepath.Join(t.TempDir(), "a")
		require.NoError(t, a.Save(dir))
		opened, err := peft.Load(plain, dir)
		require.NoError(t, err, c.base)
		in := maps.Clone(base.In)
		maps.DeleteFunc(in, func(name string, _ *peft.Tensor) bool { return name == "labels" || name == "decoder_input_ids" })
		if c.task != "" { // one end token in each row, and nothing beyond the vocabulary
			in = peft.Tensors{"input_ids": tensors.FromValue([][]int32{{5, 7, 2, 1}})}
			if c.base == "t5_s2s" {
				in["input_ids"] = tensors.FromValue([][]int32{{5, 7, 2, 1}})
			}
		}
		got, err := opened.Forward(t.Context(), opened.All(), in)
		require.NoError(t, err, c.base)
		d := got["logits"].Shape().Dimensions
		require.Equal(t, 7, d[len(d)-1], c.base)
		require.NoError(t, golden.Tolerance{Abs: 1e-6, Rel: 1e-6}.NearAll(c.base, must(a.Forward(t.Context(), a.All(), in)), got))
		require.Equal(t, names, must(opened.Info(opened.All())).Classes)
		merged := must(opened.Merge(t.Context(), opened.All()))
		require.Equal(t, names, merged.Info().Classes)
		require.NotContains(t, string(merged.Origin().Config), `"vocab_size": 0`, c.base)
	}
}

// A recogniser of speech brings its alphabet: with fewer signs the logits are the first columns.
func TestOwnAlphabet(t *testing.T) {
	golden.OnGo(t)
	s := newSizes(t, "tiny_wav2vec2_ctc")
	require.NoError(t, s.Attach("all", &lora.Config{R: 2, Targets: peft.Match("q_proj"), Common: peft.Common{ModulesToSave: []string{"lm_head"}}}))
	dir := filepath.Join(t.TempDir(), "all")
	require.NoError(t, s.SaveAdapter("all", dir))
	values, n := must(peft.ReadTensors(filepath.Join(dir, peft.WeightsFile))), s.base.Backbone.Info().Vocab
	firstRows(n, n-1)(values)
	require.NoError(t, peft.WriteTensors(filepath.Join(dir, peft.WeightsFile), values))
	ad, err := s.LoadAs("fewer", dir)
	require.NoError(t, err)
	require.Equal(t, n-1, ad.Info().Vocab)
	in := maps.Clone(s.base.In)
	delete(in, "labels")
	want := tensors.MustCopyFlatData[float32](s.forward(peft.Use("all"), in)["logits"])
	got := tensors.MustCopyFlatData[float32](s.forward(peft.Use("fewer"), in)["logits"])
	for row := range slices.Chunk(want, n) {
		require.InDeltaSlice(t, row[:n-1], got[:n-1], 1e-5)
		got = got[n-1:]
	}
}

// Tokens and classes of their own at once, and a backbone that is held in half precision, whose merged values are, too.
func TestBothSizes(t *testing.T) {
	golden.OnGo(t)
	f, e := golden.Committed(t), golden.OpenEngine(t)
	dir := f.BaseDir("bert_seqcls")
	plain := must(models.Load(dir, models.On(e), models.DType("bfloat16")))
	wide := must(models.Resize(must(models.Load(dir, models.On(e), models.Classes("a", "b"))), 70, 0))
	a, err := peft.Attach(wide, "a", &lora.Config{R: 2, Targets: peft.Match("query"),
		Common: peft.Common{TaskType: "SEQ_CLS", ModulesToSave: []string{"word_embeddings"}}})
	require.NoError(t, err)
	out := filepath.Join(t.TempDir(), "a")
	require.NoError(t, a.Save(out))
	opened, err := peft.Load(plain, out)
	require.NoError(t, err)
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{69, 3}}), "labels": tensors.FromValue([]int32{1})}
	got := must(opened.Forward(t.Context(), opened.All(), in))
	require.NoError(t, golden.Tolerance{Abs: 1e-2, Rel: 1e-2}.NearAll("half", must(a.Forward(t.Context(), a.All(), in)), got))
	merged := must(opened.Merge(t.Context(), opened.All()))
	for path, v := range merged.Values() {
		require.Equal(t, dtypes.BFloat16, v.DType(), path)
	}
	require.Equal(t, 70, merged.Info().Vocab)
	require.Len(t, merged.Info().Classes, 2)
}
