package models_test

import (
	"encoding/json"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Every family with a vocabulary is resized: what was there stays to the bit, what is new lies around the mean, and the
// folder that is saved opens again.
func TestResize(t *testing.T) {
	golden.OnGo(t)
	f, e := golden.Committed(t), golden.OpenEngine(t)
	for name, resized := range map[string][]string{ // each value of its own that gets more rows
		"bert_seqcls":         {"bert.embeddings.word_embeddings.weight"},
		"bert_mlm":            {"bert.embeddings.word_embeddings.weight", "cls.predictions.bias"},
		"tiny_roberta_mlm":    {"lm_head.bias", "roberta.embeddings.word_embeddings.weight"},
		"tiny_distilbert_mlm": {"distilbert.embeddings.word_embeddings.weight", "vocab_projector.bias"},
		"tiny_roberta":        {"embeddings.word_embeddings.weight"},
		"gpt2_lm":             {"transformer.wte.weight"},
		"llama_lm":            {"lm_head.weight", "model.embed_tokens.weight"},
		"mistral_lm":          {"lm_head.weight", "model.embed_tokens.weight"},
		"phi3_lm":             {"lm_head.weight", "model.embed_tokens.weight"},
		"qwen2_lm":            {"lm_head.weight", "model.embed_tokens.weight"},
		"qwen3_lm":            {"lm_head.weight", "model.embed_tokens.weight"},
		"gemma2_lm":           {"model.embed_tokens.weight"},
		"t5_s2s":              {"shared.weight"},
		"bart_s2s":            {"final_logits_bias", "model.shared.weight"},
		"tiny_clip":           {"text_model.embeddings.token_embedding.weight"},
		"tiny_clip_old":       {"text_model.embeddings.token_embedding.weight"},
		"tiny_clip_text":      {"embeddings.token_embedding.weight"},
	} {
		t.Run(name, func(t *testing.T) {
			if !golden.Process(name) {
				t.Skip("one of each layout stands for all on an engine that compiles")
			}
			base, err := f.Base(e, name)
			require.NoError(t, err)
			old := base.Backbone
			vocab := old.Info().Vocab
			more, err := models.Resize(old, vocab+7, 3)
			require.NoError(t, err)
			require.Equal(t, vocab+7, more.Info().Vocab)
			before, after := maps.Collect(old.Values()), maps.Collect(more.Values())
			require.ElementsMatch(t, slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
			require.Equal(t, old.Origin().Tied, more.Origin().Tied)
			var grown []string
			for path, was := range before {
				is := after[path]
				if slices.Equal(was.Shape().Dimensions, is.Shape().Dimensions) {
					require.Same(t, was, is, path)
					continue
				}
				if _, tied := old.Origin().Tied[path]; !tied {
					grown = append(grown, path)
					around(t, was, is, 7)
				}
			}
			require.ElementsMatch(t, resized, grown)
			outputs(t, base, more)

			dir := filepath.Join(t.TempDir(), "more")
			require.NoError(t, more.Save(dir))
			opened, err := models.Load(dir, models.On(e))
			require.NoError(t, err)
			require.NoError(t, golden.Same(name, after, maps.Collect(opened.Values())))
			require.Empty(t, opened.Origin().Drawn)
			less, err := models.Resize(more, vocab, 0)
			require.NoError(t, err)
			require.NoError(t, golden.Same(name, before, maps.Collect(less.Values())))
		})
	}
}

// around holds the first rows to the bit and the added ones to the distribution that is documented.
func around(t *testing.T, was, is *peft.Tensor, added int) {
	t.Helper()
	a, b := floats(t, was), floats(t, is)
	require.Equal(t, a, b[:len(a)])
	width := (len(b) - len(a)) / added
	for column := range width {
		mean, square, n := 0.0, 0.0, float64(len(a)/width)
		for i := column; i < len(a); i += width {
			mean += float64(a[i]) / n
			square += float64(a[i]) * float64(a[i]) / n
		}
		if is.Shape().Dimensions[0] == 1 { // a bias that is no parameter
			mean, square = 0, 0
		}
		deviation := math.Sqrt(1e-9 * max(square-mean*mean, 0))
		for i := len(a) + column; i < len(b); i += width {
			require.InDelta(t, mean, b[i], 5*deviation+1e-6)
		}
	}
	if is.Rank() == 2 && width > 1 {
		require.NotEqual(t, b[len(a):len(a)+width], b[len(a)+width:len(a)+2*width], "each new row is drawn")
	}
}

func floats(t *testing.T, x *peft.Tensor) []float32 {
	t.Helper()
	out, err := safetensors.Floats(x)
	require.NoError(t, err)
	return out
}

// outputs holds what a resized backbone makes of old tokens to what it made of them, and asks it for a new one.
func outputs(t *testing.T, base *golden.Base, more *peft.Backbone) {
	t.Helper()
	in := maps.Clone(base.In)
	delete(in, "labels")
	if base.Backbone.Info().Head == arch.Seq2SeqLM {
		in["decoder_input_ids"] = in["input_ids"]
	}
	want, err := base.Backbone.Forward(t.Context(), in)
	require.NoError(t, err)
	got, err := more.Forward(t.Context(), in)
	require.NoError(t, err)
	vocab := base.Backbone.Info().Vocab
	for name, w := range want {
		g := got[name]
		if d := w.Shape().Dimensions; len(d) == 0 || d[len(d)-1] != vocab {
			require.InDeltaSlice(t, floats(t, w), floats(t, g), 1e-5, name)
			continue
		}
		wide := floats(t, g)
		for row := range slices.Chunk(floats(t, w), vocab) {
			require.InDeltaSlice(t, row, wide[:vocab], 1e-5, name)
			wide = wide[vocab+7:]
		}
	}
	ids, err := base.In["input_ids"].LocalClone()
	require.NoError(t, err)
	put := func(id int) {
		require.NoError(t, ids.MutableFlatData(func(flat any) {
			switch v := flat.(type) {
			case []int32:
				v[0] = int32(id)
			case []int64:
				v[0] = int64(id)
			}
		}))
	}
	in["input_ids"] = ids
	put(vocab + 6)
	_, err = more.Forward(t.Context(), in)
	require.NoError(t, err)
	put(vocab + 7)
	_, err = more.Forward(t.Context(), in)
	require.ErrorIs(t, err, peft.ErrInput)
}

// New rows are of the seed, and held as the others are.
func TestResizeSeed(t *testing.T) {
	golden.OnGo(t)
	f, e := golden.Committed(t), golden.OpenEngine(t)
	b, err := models.Load(f.BaseDir("llama_lm"), models.On(e), models.DType("bfloat16"))
	require.NoError(t, err)
	rows := func(seed uint64) []float32 {
		more, err := models.Resize(b, 64, seed)
		require.NoError(t, err)
		w := maps.Collect(more.Values())["lm_head.weight"]
		require.Equal(t, dtypes.BFloat16, w.DType())
		return floats(t, w)
	}
	require.Equal(t, rows(1), rows(1))
	one, two := rows(1), rows(2)
	require.Equal(t, one[:61*32], two[:61*32])
	require.NotEqual(t, one[61*32:], two[61*32:])
	same, err := models.Resize(b, 61, 0)
	require.NoError(t, err)
	for path, v := range same.Values() {
		require.Same(t, maps.Collect(b.Values())[path], v, path)
	}
	require.Equal(t, b.Origin().Config, same.Origin().Config)
}

// The head of a merged backbone that is no longer tied is resized for itself.
func TestResizeUntied(t *testing.T) {
	golden.OnGo(t)
	f := golden.Committed(t)
	base, err := f.Base(golden.OpenEngine(t), "gpt2_lm")
	require.NoError(t, err)
	a, err := peft.Load(base.Backbone, f.CaseDir("gpt2_lm", "lora-resized-save"))
	require.NoError(t, err)
	merged, err := a.Merge(t.Context(), a.All())
	require.NoError(t, err)
	more, err := models.Resize(merged, 80, 0)
	require.NoError(t, err)
	was, is := maps.Collect(merged.Values()), maps.Collect(more.Values())
	require.NotEqual(t, floats(t, is["lm_head.weight"]), floats(t, is["transformer.wte.weight"]))
	for _, path := range []string{"lm_head.weight", "transformer.wte.weight"} {
		require.Equal(t, floats(t, was[path]), floats(t, is[path])[:71*32], path)
	}
}

// What can't be resized says why.
func TestResizeRefuses(t *testing.T) {
	golden.OnGo(t)
	f, e := golden.Committed(t), golden.OpenEngine(t)
	load := func(name string) *peft.Backbone {
		b, err := models.Load(f.BaseDir(name), models.On(e))
		require.NoError(t, err)
		return b
	}
	for _, name := range []string{"tiny_resnet", "tiny_vit", "tiny_wav2vec2_ctc", "tiny_clip_vision", "tiny_clip_imgcls"} {
		b := load(name)
		_, err := models.Resize(b, 100, 0)
		require.ErrorIs(t, err, models.ErrFamily, name)
		require.ErrorContains(t, err, b.Info().ModelType, name)
	}
	llama := load("llama_lm")
	for _, n := range []int{0, -1} {
		_, err := models.Resize(llama, n, 0)
		require.ErrorIs(t, err, peft.ErrInput)
	}
	_, err := models.Resize(llama, 1<<40, 0)
	require.ErrorIs(t, err, arch.ErrConfig)
	require.ErrorContains(t, err, "vocab_size")
	_, err = models.Resize(load("t5_s2s"), 1, 0)
	require.ErrorIs(t, err, arch.ErrConfig)
	require.ErrorContains(t, err, "token_id")
	_, err = models.Resize(nil, 5, 0)
	require.ErrorIs(t, err, peft.ErrInput)
	_, err = models.Resize(new(peft.Backbone), 5, 0)
	require.ErrorIs(t, err, models.ErrFamily)
	require.Equal(t, 61, llama.Info().Vocab)
}

// config.json has the size where transformers looks for it.
func TestResizeConfig(t *testing.T) {
	golden.OnGo(t)
	f, e := golden.Committed(t), golden.OpenEngine(t)
	for name, section := range map[string]string{"bert_mlm": "", "tiny_clip": "text_config", "tiny_clip_text": ""} {
		b, err := models.Load(f.BaseDir(name), models.On(e))
		require.NoError(t, err)
		more, err := models.Resize(b, 1000, 0)
		require.NoError(t, err)
		var config map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(more.Origin().Config, &config))
		if section != "" {
			require.NoError(t, json.Unmarshal(config[section], &config))
		}
		require.Equal(t, "1000", string(config["vocab_size"]), name)
	}
	// Old configs have the towers twice, and that is what counts.
	b, err := models.Random([]byte(`{"model_type": "clip", "architectures": ["CLIPModel"], "projection_dim": 8, "text_config": {"vocab_size": 3},
		"text_config_dict": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "vocab_size": 20, "eos_token_id": 19},
		"vision_config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "image_size": 8, "patch_size": 4}}`), models.On(e))
	require.NoError(t, err)
	more, err := models.Resize(b, 25, 0)
	require.NoError(t, err)
	out, err := more.Forward(t.Context(), peft.Tensors{
		"input_ids": tensors.FromValue([][]int32{{24, 19}}), "pixel_values": tensors.FromScalarAndDimensions(float32(1), 1, 3, 8, 8),
	})
	require.NoError(t, err)
	require.NotEmpty(t, out)
}

// A bias of the logits that is no parameter is 0 for new tokens, whatever it is for the others.
func TestResizeBuffer(t *testing.T) {
	golden.OnGo(t)
	e := golden.OpenEngine(t)
	base, err := golden.Committed(t).Base(e, "bart_s2s")
	require.NoError(t, err)
	from := base.Backbone.Origin()
	as, err := from.Resized(61, nil)
	require.NoError(t, err)
	values := maps.Collect(base.Backbone.Values())
	values["final_logits_bias"] = tensors.FromScalarAndDimensions(float32(2), 1, 61)
	b, err := peft.NewBackbone(as.Model, values, e, from)
	require.NoError(t, err)
	more, err := models.Resize(b, 63, 0)
	require.NoError(t, err)
	bias := floats(t, maps.Collect(more.Values())["final_logits_bias"])
	require.Equal(t, []float32{2, 2, 0, 0}, bias[59:])
}

// A resized backbone shares values with the one that it was made from, and outlives it.
func TestResizeOutlives(t *testing.T) {
	golden.OnGo(t)
	for _, first := range []int{0, 1} {
		b, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertModel"],"hidden_size":8,"num_hidden_layers":1,
			"num_attention_heads":2,"intermediate_size":16,"vocab_size":30}`))
		require.NoError(t, err)
		larger, err := models.Resize(b, 34, 1)
		require.NoError(t, err)
		both := []*peft.Backbone{b, larger}
		both[first].Close()
		in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{1, 2, 3}})}
		_, err = both[first].Forward(t.Context(), in)
		require.ErrorIs(t, err, peft.ErrClosed)
		_, err = both[1-first].Forward(t.Context(), in)
		require.NoError(t, err)
		both[1-first].Close()
	}
}
