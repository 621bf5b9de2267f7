package models_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// decoderCase is a row of testdata/decoders.json, made by internal/testdata/gen/decoders.py.
type decoderCase struct {
	Config  json.RawMessage
	Shapes  map[string][]int
	Inputs  map[string]json.RawMessage
	Outputs map[string][]float32
}

func decoderCases(t *testing.T) map[string]decoderCase { return cases(t, "testdata/decoders.json") }

func cases(t *testing.T, path string) map[string]decoderCase {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var rows map[string]decoderCase
	require.NoError(t, json.Unmarshal(raw, &rows))
	require.NotEmpty(t, rows)
	return rows
}

// weight repeats the formula of decoders.py.
func weight(name string, i int, lessOne bool) float32 {
	sum := 0
	for _, c := range name {
		sum += int(c)
	}
	v := 0.5 * math.Sin(0.37*float64(i)+float64(sum%97))
	if !lessOne && strings.Contains(name, "norm.weight") || strings.Contains(name, "ln_") && strings.HasSuffix(name, ".weight") {
		v++
	}
	return float32(v)
}

// folder writes the case's checkpoint, with a config of its own where one is given.
func (c decoderCase) folder(t *testing.T, config []byte) string {
	t.Helper()
	values := peft.Tensors{}
	for name, shape := range c.Shapes {
		n := 1
		for _, d := range shape {
			n *= d
		}
		flat := make([]float32, n)
		for i := range flat {
			flat[i] = weight(name, i, strings.Contains(string(c.Config), `"gemma2"`))
		}
		values[name] = tensors.FromFlatDataAndDimensions(flat, shape...)
	}
	if config == nil {
		config = c.Config
	}
	dir := t.TempDir()
	require.NoError(t, safetensors.Write(filepath.Join(dir, "model.safetensors"), values, nil))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), config, 0o644))
	return dir
}

func (c decoderCase) inputs(t *testing.T) peft.Tensors {
	t.Helper()
	in := peft.Tensors{}
	for name, raw := range c.Inputs {
		var table [][]int64
		var list []int64
		var numbers []float32
		switch {
		case json.Unmarshal(raw, &table) == nil:
			in[name] = tensors.FromValue(table)
		case json.Unmarshal(raw, &list) == nil:
			in[name] = tensors.FromValue(list)
		default:
			require.NoError(t, json.Unmarshal(raw, &numbers))
			in[name] = tensors.FromValue(numbers)
		}
	}
	return in
}

// holds compares a backbone's outputs with transformers'.
func (c decoderCase) holds(t *testing.T, b *peft.Backbone, name string) {
	t.Helper()
	out, err := b.Forward(t.Context(), c.inputs(t))
	require.NoError(t, err, name)
	require.Len(t, out, len(c.Outputs), name)
	c.near(t, out, name)
}

// near compares outputs, which may be more, with transformers'.
func (c decoderCase) near(t *testing.T, out peft.Tensors, name string) {
	t.Helper()
	for key, want := range c.Outputs {
		require.Contains(t, out, key, name)
		require.InDeltaSlice(t, want, tensors.MustCopyFlatData[float32](out[key]), 2e-5, "%s: %s", name, key)
	}
}

// reopens saves a backbone, which gives the checkpoint's names and layouts, and opens it again with the same bits.
func (c decoderCase) reopens(t *testing.T, b *peft.Backbone, name string, on models.LoadOption) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, b.Save(dir), name)
	saved, err := safetensors.Open(filepath.Join(dir, "model.safetensors"))
	require.NoError(t, err)
	require.Len(t, saved.Names(), len(c.Shapes), name)
	for path, shape := range c.Shapes {
		info, ok := saved.Info(path)
		require.True(t, ok, "%s: %s", name, path)
		require.Equal(t, shape, info.Shape, "%s: %s", name, path)
	}
	require.NoError(t, saved.Close())
	again, err := models.Load(dir, on)
	require.NoError(t, err, name)
	same := maps.Collect(again.Values())
	for path, v := range b.Values() {
		require.True(t, v.Equal(same[path]), "%s: %s", name, path)
	}
}

// Every option of the decoders' configs gives transformers' numbers; saved again, the checkpoint has its names and
// layouts and opens with the same bits.
func TestDecodersAreTransformers(t *testing.T) {
	on := engine(t)
	for name, c := range decoderCases(t) {
		b, err := models.Load(c.folder(t, nil), on)
		require.NoError(t, err, name)
		c.holds(t, b, name)
		require.Empty(t, b.Origin().Drawn, name)

		c.reopens(t, b, name, on)
	}
}

// Files from before transformers 5 keep rotary settings in rope_scaling, with "type", and rope_theta beside it.
func TestOldRotaryFields(t *testing.T) {
	on, cases := engine(t), decoderCases(t)
	for name, old := range map[string]string{
		"llama linear": `{"type":"linear","factor":2}`,
		"llama3":       `{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":64}`,
		"llama yarn":   `{"type":"yarn","factor":4}`, // from the config's max_position_embeddings, which is as much
	} {
		c := cases[name]
		cfg, err := arch.ParseConfig(c.Config)
		require.NoError(t, err)
		cfg.Set("rope_parameters", nil)
		cfg.Set("rope_theta", 100)
		cfg.Set("rope_scaling", json.RawMessage(old))
		raw, err := cfg.JSON()
		require.NoError(t, err)
		b, err := models.Load(c.folder(t, raw), on)
		require.NoError(t, err)
		c.holds(t, b, name)
	}
}

// A row is classified by its own last token, whatever padding stands behind it: without a padding token, and behind an
// adapter's virtual tokens, where no id tells padding.
func TestClassifiedByTheLastToken(t *testing.T) {
	for name, pad := range map[string]string{"no padding token": "null", "a prompt": "0"} {
		b, err := models.Random([]byte(`{"model_type":"gpt2","architectures":["GPT2ForSequenceClassification"],"pad_token_id":`+pad+`,
			"n_embd":8,"n_layer":1,"n_head":2,"vocab_size":30,"n_positions":16,"id2label":{"0":"a","1":"b"}}`), models.On(golden.OpenEngine(t)))
		require.NoError(t, err)
		a, sel := peft.New(b), peft.Base()
		if pad == "0" {
			cfg := &tuning.Config{Virtual: prompt.Virtual{Tokens: 2}}
			cfg.TaskType = "SEQ_CLS"
			require.NoError(t, a.Attach("p", cfg))
			sel = peft.Use("p")
		}
		logits := func(ids, mask [][]int32) []float32 {
			out, err := a.Forward(t.Context(), sel, peft.Tensors{"input_ids": tensors.FromValue(ids), "attention_mask": tensors.FromValue(mask)})
			require.NoError(t, err, name)
			return tensors.MustCopyFlatData[float32](out["logits"])[:2]
		}
		alone := logits([][]int32{{3, 4, 5}}, [][]int32{{1, 1, 1}})
		ids, mask := [][]int32{{3, 4, 5, 0, 0}, {3, 4, 5, 6, 7}}, [][]int32{{1, 1, 1, 0, 0}, {1, 1, 1, 1, 1}}
		if pad == "null" { // which only a single row may do without
			ids, mask = ids[:1], mask[:1]
		}
		padded := logits(ids, mask)
		require.InDeltaSlice(t, alone, padded, 1e-6, name)
	}
}
