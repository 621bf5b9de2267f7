package lora_test

import (
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// An activated LoRA writes, by kept keys and values, what whole forward passes of the same rows have as the best tokens: the
// prompt's decision holds for all that follows. It is alone, beside others, in some rows, and in beams.
func TestInvokedTextIsWholeForwardPasses(t *testing.T) {
	b, err := models.Load(golden.Committed(t).BaseDir("llama_lm"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	a := peft.New(b)
	_, err = a.LoadAs("lora", golden.Committed(t).CaseDir("llama_lm", "lora"))
	require.NoError(t, err)
	for _, name := range []string{"lora-alora", "lora-alora-one"} { // invoked by 13, 29 and by 33
		_, err = a.LoadAs(name, golden.Variants(t).CaseDir("llama_lm", name))
		require.NoError(t, err)
	}
	ids := [][]int32{{30, 54, 13, 29, 36}, {33, 5, 60, 8, 49}}
	compared, told := 0, map[string][][]int32{}
	for _, sel := range []peft.Selection{
		peft.Base(), peft.Use("lora-alora"), peft.Use("lora-alora-one"), peft.Rows("lora-alora", ""), peft.Rows("lora-alora", "lora-alora-one"),
		peft.Rows("lora-alora-one", "lora"), peft.Use("lora", "lora-alora"), peft.Average([]float64{0.5, 0.5}, peft.Use("lora-alora"), peft.Use("lora")),
	} {
		for _, beams := range []int{1, 2} {
			g, err := generate.New(a, generate.Options{MaxNewTokens: 6, EOS: []int32{}, Beams: beams})
			require.NoError(t, err)
			out, err := g.Generate(t.Context(), sel, generate.Batch{IDs: ids})
			require.NoError(t, err)
			if beams > 1 {
				continue
			}
			told[sel.String()] = out.Sequences
			for i, row := range out.Sequences {
				whole, err := a.Forward(t.Context(), sel, peft.Tensors{"input_ids": tensors.FromValue(clipped(out.Sequences))})
				require.NoError(t, err)
				for at := 4; at < len(row)-1; at++ {
					if at > 4 && (row[at] == 29 || row[at] == 33) {
						break // a whole pass would take what was written for an invocation
					}
					compared++
					scores := whole["logits"].Value().([][][]float32)[i][at]
					require.Equal(t, row[at+1], int32(slices.Index(scores, slices.Max(scores))), "%s, row %d, %d", sel, i, at)
				}
			}
		}
	}
	none, first, second := told[peft.Base().String()], told[peft.Use("lora-alora").String()], told[peft.Use("lora-alora-one").String()]
	require.Equal(t, none[1], first[1], "a row without the tokens is the backbone's")
	require.Equal(t, none[0], second[0])
	require.NotEqual(t, none[0], first[0])
	require.NotEqual(t, none[1], second[1])
	require.Greater(t, compared, 60, "of %d tokens", 8*2*6)
}

// clipped leaves the last token out, which was not read.
func clipped(rows [][]int32) [][]int32 {
	var out [][]int32
	for _, row := range rows {
		out = append(out, row[:len(row)-1])
	}
	return out
}

// An activated LoRA is for tokens in one text.
func TestInvocationNeedsTokens(t *testing.T) {
	cfg, err := peft.ParseConfig([]byte(`{"peft_type": "LORA", "r": 2, "alora_invocation_tokens": [3]}`))
	require.NoError(t, err)
	for base, want := range map[string]string{"t5_s2s": "encoder-decoder", "tiny_vit_imgcls": "read tokens"} {
		b, err := models.Load(golden.Committed(t).BaseDir(base), models.On(golden.OpenEngine(t)))
		require.NoError(t, err)
		_, err = peft.Attach(b, "a", cfg, peft.Lenient())
		require.ErrorIs(t, err, peft.ErrConfig)
		require.ErrorContains(t, err, want)
	}
}
