package lora_test

import (
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A weight that target_parameters names becomes W + s B A as transformers keeps it, whichever way round that is.
func TestParametersAsTheyAreStored(t *testing.T) {
	for _, c := range []struct{ base, weight, adapter string }{
		{"gpt2_lm", "transformer.h.0.attn.c_attn.weight", "transformer.h.0.attn.c_attn"},
		{"bert_seqcls", "bert.embeddings.word_embeddings.weight", "bert.embeddings.word_embeddings"},
		{"llama_lm", "model.layers.1.self_attn.v_proj.weight", "model.layers.1.self_attn.v_proj"},
	} {
		dir := golden.Committed(t).BaseDir(c.base)
		b, err := models.Load(dir, models.On(golden.OpenEngine(t)))
		require.NoError(t, err)
		a, err := peft.Attach(b, "a", &lora.Config{R: 2, Alpha: 6, Init: lora.Random, Targets: peft.Match(), TargetParameters: []string{c.weight}}, peft.Lenient())
		require.NoError(t, err)
		ad, err := a.Adapter("a")
		require.NoError(t, err)
		values := map[string][]float32{}
		shapes := map[string][]int{}
		for _, m := range []string{"A", "B"} {
			v, err := ad.Value("base_model.model." + c.adapter + ".lora_" + m + ".weight")
			require.NoError(t, err)
			values[m], shapes[m] = tensors.MustCopyFlatData[float32](v), v.Shape().Dimensions
		}
		merged, err := a.Merge(t.Context(), a.All())
		require.NoError(t, err)
		out := filepath.Join(t.TempDir(), "merged")
		require.NoError(t, merged.Save(out))
		old, err := peft.ReadTensors(filepath.Join(dir, "model.safetensors"))
		require.NoError(t, err)
		now, err := peft.ReadTensors(filepath.Join(out, "model.safetensors"))
		require.NoError(t, err)
		d := old[c.weight].Shape().Dimensions
		require.Equal(t, []int{2, d[1]}, shapes["A"])
		require.Equal(t, []int{d[0], 2}, shapes["B"])
		was, is := tensors.MustCopyFlatData[float32](old[c.weight]), tensors.MustCopyFlatData[float32](now[c.weight])
		for i := range was {
			row, col := i/d[1], i%d[1]
			change := 3 * (values["B"][2*row]*values["A"][col] + values["B"][2*row+1]*values["A"][d[1]+col])
			require.InDelta(t, was[i]+change, is[i], 1e-5)
		}
	}
}
