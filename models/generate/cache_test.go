package generate_test

import (
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// follow wants every new token of greedy text to be what one whole forward pass, which other tests hold to transformers,
// has as the best behind those before it.
func follow(t *testing.T, a *peft.Adapted, sel peft.Selection, text *generate.Result) {
	t.Helper()
	var read [][]int32
	for _, row := range text.Sequences {
		read = append(read, row[:len(row)-1])
	}
	best := bestTokens(t, a, sel, read)
	for i, row := range text.Sequences {
		behind := best[i][len(best[i])-len(read[i]):] // a prompt's columns stand in front
		require.Equal(t, behind[text.Start-1:], row[text.Start:])
	}
}

// bestTokens gives, for each column of rows of one length, the token that a forward pass has as the best behind it.
func bestTokens(t *testing.T, a *peft.Adapted, sel peft.Selection, rows [][]int32) [][]int32 {
	t.Helper()
	out, err := a.Forward(t.Context(), sel, peft.Tensors{"input_ids": tensors.FromValue(rows)})
	require.NoError(t, err)
	d := out["logits"].Shape().Dimensions
	scores := tensors.MustCopyFlatData[float32](out["logits"])
	best := make([][]int32, d[0])
	for i := range best {
		for range d[1] {
			at := 0
			for j, v := range scores[:d[2]] {
				if v > scores[at] {
					at = j
				}
			}
			best[i], scores = append(best[i], int32(at)), scores[d[2]:]
		}
	}
	return best
}

// greedy writes n tokens behind prompts of one length by a whole forward pass each: what follow does not see, where a
// longer text has other positions.
func greedy(t *testing.T, a *peft.Adapted, sel peft.Selection, ids [][]int32, n int) [][]int32 {
	t.Helper()
	var rows [][]int32
	for _, row := range ids {
		rows = append(rows, append([]int32{}, row...))
	}
	for range n {
		for i, best := range bestTokens(t, a, sel, rows) {
			rows[i] = append(rows[i], best[len(best)-1])
		}
	}
	return rows
}

// Steps that keep keys and values write what whole forward passes do, for every way in which adapters act.
func TestStepsEqualForwardPasses(t *testing.T) {
	f, e := golden.Committed(t), golden.OpenEngine(t)
	base, err := f.Base(e, "llama_lm")
	require.NoError(t, err)
	a := peft.New(base.Backbone)
	for name, adapter := range map[string]string{"a": "lora", "b": "lora-dora", "prefix": "prefix", "prompt": "prompt"} {
		_, err := a.LoadAs(name, f.CaseDir("llama_lm", adapter))
		require.NoError(t, err)
	}
	ids := [][]int32{{30, 54, 58, 21, 36}, {7, 5, 60, 8, 49}}
	for _, sel := range []peft.Selection{
		peft.Base(), peft.Use("a"), peft.Use("a", "b"), peft.Rows("b", ""), peft.Rows("a", "b"),
		peft.Average([]float64{0.3, 0.7}, peft.Use("a"), peft.Use("b")), peft.Use("prefix"), peft.Use("prompt"),
		peft.Use("a", "prefix", "prompt"),
	} {
		t.Run(sel.String(), func(t *testing.T) {
			g, err := generate.New(a, generate.Options{MaxNewTokens: 8, EOS: []int32{}})
			require.NoError(t, err)
			out, err := g.Generate(t.Context(), sel, generate.Batch{IDs: ids})
			require.NoError(t, err)
			follow(t, a, sel, out)
		})
	}
}

// loud opens a model with random weights that are far larger than at the start of training, so that what stands in the
// past matters.
func loud(t *testing.T, e *peft.Engine, config string) *peft.Adapted {
	t.Helper()
	b, err := models.Random([]byte(config), models.On(e), models.HeadSeed(3))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, b.Save(dir))
	path := filepath.Join(dir, "model.safetensors")
	values, err := peft.ReadTensors(path)
	require.NoError(t, err)
	for _, v := range values {
		if v.Rank() == 2 {
			v.MustMutableFlatData(func(flat any) {
				for i := range flat.([]float32) {
					flat.([]float32)[i] *= 15
				}
			})
		}
	}
	require.NoError(t, peft.WriteTensors(path, values))
	b, err = models.Load(dir, models.On(e))
	require.NoError(t, err)
	return peft.New(b)
}

// Families whose attention or positions differ, beyond what the golden cases have: windows shorter than the text, caps,
// partial rotary positions, and scalings, one of which changes all positions of a text when it grows.
func TestFamiliesStep(t *testing.T) {
	const sizes = `"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 24,
		"vocab_size": 61, "pad_token_id": 0`
	const llama = `{"model_type": "llama", "architectures": ["LlamaForCausalLM"], `
	e := golden.OpenEngine(t)
	for name, config := range map[string]string{
		"gemma2":  `{"model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"], "head_dim": 8, "sliding_window": 4, ` + sizes + `}`,
		"phi3":    `{"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "sliding_window": 5, "partial_rotary_factor": 0.5, ` + sizes + `}`,
		"mistral": `{"model_type": "mistral", "architectures": ["MistralForCausalLM"], "sliding_window": 3, ` + sizes + `}`,
		"yarn":    llama + `"rope_scaling": {"type": "yarn", "factor": 4, "original_max_position_embeddings": 16}, ` + sizes + `}`,
		"longrope": `{"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "original_max_position_embeddings": 10, "max_position_embeddings": 64,
			"rope_scaling": {"type": "longrope", "short_factor": [1, 1.5, 2, 2.5], "long_factor": [2, 3, 4, 5]}, ` + sizes + `}`,
		"dynamic": llama + `"rope_scaling": {"type": "dynamic", "factor": 2}, "max_position_embeddings": 64, ` + sizes + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			a, ids := loud(t, e, config), [][]int32{{30, 54, 58, 21, 36, 2}, {7, 5, 60, 8, 49, 1}}
			g, err := generate.New(a, generate.Options{MaxNewTokens: 8, EOS: []int32{}})
			require.NoError(t, err)
			out, err := g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: ids})
			require.NoError(t, err)
			if name == "longrope" || name == "dynamic" {
				require.Equal(t, greedy(t, a, peft.Base(), ids, 8), out.Sequences)
				return
			}
			follow(t, a, peft.Base(), out)
		})
	}
}

// A row is the same in any company: alone, padded, or beside rows of other lengths.
func TestRowsAreIndependent(t *testing.T) {
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "gpt2_lm")
	require.NoError(t, err)
	g, err := generate.New(peft.New(base.Backbone), generate.Options{MaxNewTokens: 6, EOS: []int32{}, Pad: new(int32(0)), RepetitionPenalty: 1.2})
	require.NoError(t, err)
	rows := [][]int32{{30, 54, 58, 21, 36}, {7, 5}, {9}}
	out, err := g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: rows})
	require.NoError(t, err)
	for i, row := range rows {
		alone, err := g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: [][]int32{row}})
		require.NoError(t, err)
		require.Equal(t, alone.New()[0], out.New()[i])
		require.Equal(t, row, out.Sequences[i][5-len(row):5])
	}
}
