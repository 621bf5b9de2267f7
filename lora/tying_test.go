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

// With ensure_weight_tying a change of the embeddings is one of the output layer, whichever of them is named and how; both stay
// one when merged, and in rows.
func TestTiedEnds(t *testing.T) {
	b, err := models.Load(golden.Committed(t).BaseDir("gemma2_lm"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	ids := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{5, 6, 7}, {9, 3, 2}})}
	var want peft.Tensors
	for name, targets := range map[string]peft.Targets{
		"embeddings": peft.Match("v_proj", "embed_tokens"), "head": peft.Match("v_proj", "lm_head"), "both": peft.Match("lm_head", "v_proj", "embed_tokens"),
		"pattern": peft.MatchRegexp(`(.*\.)?(v_proj|embed_tokens)`),
	} {
		a, err := peft.Attach(b, name, &lora.Config{R: 2, Init: lora.Random, Targets: targets, TieWeights: true}, peft.Lenient())
		require.NoError(t, err)
		ad, err := a.Adapter(name)
		require.NoError(t, err)
		require.Empty(t, ad.Warnings())
		got, err := a.Forward(t.Context(), a.All(), ids)
		require.NoError(t, err)
		if want == nil {
			want = got
		}
		near := golden.Tolerance{Abs: 1e-5, Rel: 1e-5}
		require.NoError(t, near.NearAll(name, want, got))
		merged, err := a.Merge(t.Context(), a.All())
		require.NoError(t, err)
		require.NoError(t, merged.Save(filepath.Join(t.TempDir(), "merged")), "both ends are one")
		again, err := merged.Forward(t.Context(), ids)
		require.NoError(t, err)
		require.NoError(t, near.NearAll(name+" merged", want, again))
		require.NoError(t, a.Attach("other", &lora.Config{R: 3, Init: lora.Random, Targets: peft.Match("embed_tokens"), TieWeights: true}, peft.Seed(5), peft.Lenient()))
		rows, err := a.Forward(t.Context(), peft.Rows(name, "other"), ids)
		require.NoError(t, err)
		require.NoError(t, near.Near(name+" by rows", firstRow(want["logits"]), firstRow(rows["logits"])))
	}
}

func firstRow(t *peft.Tensor) *peft.Tensor { return tensors.FromValue(t.Value().([][][]float32)[0]) }

// A file in which the two ends of one value differ is refused.
func TestTiedEndsThatDiffer(t *testing.T) {
	f := golden.Variants(t)
	b, err := models.Load(f.BaseDir("gemma2_lm"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	for name, key := range map[string]string{"lora-tied-target": "base_model.model.lm_head.lora_A.weight", "lora-tied-save": "base_model.model.lm_head.weight"} {
		a, err := peft.Load(b, f.CaseDir("gemma2_lm", name))
		require.NoError(t, err)
		dir := filepath.Join(t.TempDir(), "a")
		require.NoError(t, a.Save(dir))
		path := filepath.Join(dir, peft.WeightsFile)
		values, err := peft.ReadTensors(path)
		require.NoError(t, err)
		require.NotNil(t, values[key])
		flat := tensors.MustCopyFlatData[float32](values[key])
		flat[3]++
		values[key] = tensors.FromFlatDataAndDimensions(flat, values[key].Shape().Dimensions...)
		require.NoError(t, peft.WriteTensors(path, values))
		_, err = peft.Load(b, dir)
		require.ErrorIs(t, err, peft.ErrTensor)
		require.ErrorContains(t, err, key)
		delete(values, key)
		require.NoError(t, peft.WriteTensors(path, values))
		_, err = peft.Load(b, dir)
		require.NoError(t, err, "one end says all")
	}
}

// A request to tie what HF PEFT does not tie is a warning, and variants that have no such form are refused.
func TestTyingRefused(t *testing.T) {
	b, err := models.Load(golden.Committed(t).BaseDir("gpt2_lm"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &lora.Config{Targets: peft.Match("wte"), TieWeights: true}, peft.Lenient())
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	require.Contains(t, ad.Warnings()[0], "ensure_weight_tying")
	b, err = models.Load(golden.Committed(t).BaseDir("gemma2_lm"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	_, err = peft.Attach(b, "a", &lora.Config{Targets: peft.Match("embed_tokens"), TieWeights: true, DoRA: true})
	require.ErrorContains(t, err, "ensure_weight_tying")
}
