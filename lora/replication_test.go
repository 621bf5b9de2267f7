package lora_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// repeated writes a checkpoint whose blocks are those of another one, with a copy of their values each.
func repeated(t *testing.T, from, list string, blocks []int, change map[string]any) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(from, "config.json"))
	require.NoError(t, err)
	var cfg map[string]any
	require.NoError(t, json.Unmarshal(raw, &cfg))
	for k, v := range change {
		cfg[k] = v
	}
	values, err := peft.ReadTensors(filepath.Join(from, "model.safetensors"))
	require.NoError(t, err)
	next := peft.Tensors{}
	for name, v := range values {
		rest, inBlock := strings.CutPrefix(name, list+".")
		number, rest, _ := strings.Cut(rest, ".")
		for i, b := range blocks {
			if inBlock && number == strconv.Itoa(b) {
				next[list+"."+strconv.Itoa(i)+"."+rest] = v
			}
		}
		if !inBlock {
			next[name] = v
		}
	}
	dir := t.TempDir()
	raw, err = json.Marshal(cfg)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), raw, 0o644))
	require.NoError(t, peft.WriteTensors(filepath.Join(dir, "model.safetensors"), next))
	return dir
}

// An adapter with layer_replication computes on a backbone what a plain one does on a checkpoint with copies of the blocks,
// trained and merged, also where blocks are not alike; and it is read again as what it was.
func TestReplicationIsADeeperCheckpoint(t *testing.T) {
	e := golden.OpenEngine(t)
	for _, c := range []struct {
		base, list, targets string
		blocks              []int
		ranges              lora.Ranges
		change              map[string]any
	}{
		{"llama_lm", "model.layers", "q_proj", []int{0, 1, 0, 1, 1}, lora.Ranges{{0, 2}, {0, 2}, {1, 2}}, map[string]any{"num_hidden_layers": 5}},
		{"mistral_lm", "model.layers", "v_proj", []int{1, 0, 1}, lora.Ranges{{1, 2}, {0, 2}}, map[string]any{"num_hidden_layers": 3}},
		{"qwen2_lm", "model.layers", "q_proj", []int{1}, lora.Ranges{{1, 2}}, map[string]any{"num_hidden_layers": 1, "layer_types": []string{"full_attention"}}},
		{"gemma2_lm", "model.layers", "down_proj", []int{1, 0, 0, 1}, lora.Ranges{{1, 2}, {0, 1}, {0, 2}}, map[string]any{
			"num_hidden_layers": 4, "layer_types": []string{"full_attention", "sliding_attention", "sliding_attention", "full_attention"},
		}},
		{"bert_seqcls", "bert.encoder.layer", "query", []int{0, 1, 1}, lora.Ranges{{0, 2}, {1, 2}}, map[string]any{"num_hidden_layers": 3}},
		{"gpt2_lm", "transformer.h", "c_attn", []int{0, 0, 1}, lora.Ranges{{0, 1}, {0, 2}}, map[string]any{"n_layer": 3}},
	} {
		t.Run(c.base, func(t *testing.T) {
			dir := golden.Committed(t).BaseDir(c.base)
			all, err := golden.ReadTensors(filepath.Join(dir, "io.safetensors"))
			require.NoError(t, err)
			if c.base == "gemma2_lm" { // a window that the texts here reach beyond
				dir = repeated(t, dir, c.list, []int{0, 1}, map[string]any{"sliding_window": 3})
			}
			b, err := models.Load(dir, models.On(e))
			require.NoError(t, err)
			deep, err := models.Load(repeated(t, dir, c.list, c.blocks, c.change), models.On(e))
			require.NoError(t, err)
			require.Empty(t, deep.Origin().Drawn)
			plain := &lora.Config{R: 2, Init: lora.Random, Targets: peft.Match(c.targets)}
			repeating := *plain
			repeating.LayerReplication = c.ranges
			one, err := peft.Attach(deep, "a", plain, peft.Lenient())
			require.NoError(t, err)
			other, err := peft.Attach(b, "a", &repeating, peft.Lenient())
			require.NoError(t, err)
			require.Equal(t, one.NumTrainable(), other.NumTrainable())

			in := golden.Under(all, "in.")
			near := golden.Tolerance{Abs: 1e-6, Rel: 1e-6}
			want, grads, err := one.Gradients(t.Context(), one.All(), in)
			require.NoError(t, err)
			got, own, err := other.Gradients(t.Context(), other.All(), in)
			require.NoError(t, err)
			require.NoError(t, near.NearAll("outputs", want, got))
			for i := range grads {
				require.NoError(t, near.Near("gradient", grads[i], own[i]))
			}
			if strings.HasSuffix(c.base, "_lm") { // text is written by the same blocks
				prompt := generate.Batch{IDs: [][]int32{{5, 6, 7}, {9, 3, 2}}}
				var text [2][][]int32
				for i, on := range []*peft.Adapted{one, other} {
					g, err := generate.New(on, generate.Options{MaxNewTokens: 5, EOS: []int32{}})
					require.NoError(t, err)
					written, err := g.Generate(t.Context(), on.All(), prompt)
					require.NoError(t, err)
					text[i] = written.Sequences
				}
				require.Equal(t, text[0], text[1])
			}
			merged, err := other.Merge(t.Context(), other.All())
			require.NoError(t, err)
			require.Equal(t, len(c.blocks), merged.Info().Layers)
			got, err = merged.Forward(t.Context(), in)
			require.NoError(t, err)
			require.NoError(t, golden.Tolerance{Abs: 1e-4, Rel: 1e-4}.NearAll("merged", want, got))
			bare, err := other.Forward(t.Context(), peft.Base(), in)
			require.NoError(t, err)
			alone, err := b.Forward(t.Context(), in)
			require.NoError(t, err)
			require.Equal(t, alone["logits"].Value(), bare["logits"].Value(), "without the adapter")

			saved := filepath.Join(t.TempDir(), "again")
			require.NoError(t, other.Save(saved))
			_, err = other.LoadAs("again", saved)
			require.NoError(t, err)
			require.NoError(t, other.Attach("plain", plain, peft.Lenient()))
			got, err = other.Forward(t.Context(), peft.Use("again"), in)
			require.NoError(t, err)
			require.NoError(t, near.NearAll("loaded", want, got))

			// Rows and averages of adapters of the same blocks go, with others they do not.
			rows := make([]string, in["input_ids"].Shape().Dimensions[0])
			for i := range rows {
				rows[i] = []string{"a", "again"}[i%2]
			}
			got, err = other.Forward(t.Context(), peft.Rows(rows...), in)
			require.NoError(t, err)
			require.NoError(t, golden.Tolerance{Abs: 1e-5, Rel: 1e-5}.NearAll("rows", want, got))
			for _, sel := range []peft.Selection{
				peft.Use("a", "plain"), peft.Average([]float64{0.5, 0.5}, peft.Use("a"), peft.Use("plain")),
			} {
				_, err = other.Forward(t.Context(), sel, in)
				require.ErrorIs(t, err, peft.ErrAdapter)
				require.ErrorContains(t, err, "blocks")
			}
			rows[0] = ""
			_, err = other.Forward(t.Context(), peft.Rows(rows...), in)
			require.ErrorIs(t, err, peft.ErrAdapter)
		})
	}
}

// What is no list of blocks of the backbone, and backbones without one, are refused.
func TestReplicationRefused(t *testing.T) {
	for base, cases := range map[string]map[string]string{
		"llama_lm": {
			`[[0, 3]]`: "[0, 3) is no range of the 2 blocks", `[[1, 0]]`: "no range", `[[-1, 1]]`: "no range", `[]`: "no block", `[[1, 1]]`: "no block",
		},
		"t5_s2s": {`[[0, 1]]`: "list of blocks"}, "tiny_resnet": {`[[0, 1]]`: ""},
	} {
		b, err := models.Load(golden.Committed(t).BaseDir(base), models.On(golden.OpenEngine(t)))
		require.NoError(t, err)
		for ranges, want := range cases {
			cfg, err := peft.ParseConfig([]byte(`{"peft_type": "LORA", "target_modules": "all-linear", "layer_replication": ` + ranges + `}`))
			require.NoError(t, err)
			_, err = peft.Attach(b, "a", cfg)
			require.Error(t, err)
			require.ErrorContains(t, err, want, ranges)
		}
	}
	for _, bad := range []string{`[0, 1]`, `[[0]]`, `[[0, 1, 2]]`, `"all"`, `[[0.5, 1]]`} {
		_, err := peft.ParseConfig([]byte(`{"peft_type": "LORA", "layer_replication": ` + bad + `}`))
		require.ErrorIs(t, err, peft.ErrConfig, bad)
	}
}
