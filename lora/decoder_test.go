package lora_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// The file says fan_in_fan_out as HF PEFT 0.21.2 was seen to write it for GPT-2: by the last linear target.
func TestFanInFanOutInFiles(t *testing.T) {
	b, err := models.Load(golden.Committed(t).BaseDir("gpt2_lm"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	for _, c := range []struct {
		targets []string
		want    string
	}{
		{[]string{"c_attn"}, "true"},
		{[]string{"c_attn", "lm_head"}, "false"},
		{[]string{"wte"}, "false"},
		{[]string{"lm_head"}, "false"},
		{[]string{"wte", "c_fc"}, "true"},
	} {
		a, err := peft.Attach(b, "a", &lora.Config{R: 2, Targets: peft.Match(c.targets...)})
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, a.Save(dir))
		raw, err := os.ReadFile(filepath.Join(dir, peft.ConfigFile))
		require.NoError(t, err)
		require.Contains(t, string(raw), `"fan_in_fan_out": `+c.want, c.targets)
	}
}

// A language model's checkpoint opens with the classifier that an adapter was trained with.
func TestLoadForClassifierOnLanguageModel(t *testing.T) {
	dir, on := golden.Committed(t).BaseDir("llama_lm"), models.On(golden.OpenEngine(t))
	b, err := models.Load(dir, on, models.Head(arch.SequenceClass), models.Classes("a", "b", "c"), models.HeadSeed(1))
	require.NoError(t, err)
	require.Equal(t, []string{"score.weight"}, b.Origin().Drawn)
	cfg := &lora.Config{R: 2}
	cfg.TaskType = "SEQ_CLS"
	a, err := peft.Attach(b, "a", cfg)
	require.NoError(t, err)
	saved := t.TempDir()
	require.NoError(t, a.Save(saved))
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{5, 6, 7, 1}, {5, 1, 1, 1}})}
	want, err := a.Forward(t.Context(), a.All(), in)
	require.NoError(t, err)

	again, err := models.LoadFor(dir, saved, on, models.HeadSeed(2))
	require.NoError(t, err)
	require.Equal(t, arch.SequenceClass, again.Info().Head)
	require.Len(t, again.Info().Classes, 3)
	opened, err := peft.Load(again, saved)
	require.NoError(t, err)
	got, err := opened.Forward(t.Context(), opened.All(), in)
	require.NoError(t, err)
	require.Equal(t, want["logits"].Value(), got["logits"].Value())

	lm, err := models.LoadFor(dir, golden.Committed(t).CaseDir("llama_lm", "lora"), on)
	require.NoError(t, err)
	require.Equal(t, arch.CausalLM, lm.Info().Head)
}

// Rows of one batch may train other tokens each; a row without is the bare backbone to the bit.
func TestTokensByRows(t *testing.T) {
	b, err := models.Load(golden.Committed(t).BaseDir("gpt2_lm"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	a := peft.New(b)
	for name, ids := range map[string][]int{"one": {5}, "two": {6, 5}} {
		require.NoError(t, a.Attach(name, &lora.Config{R: 2, Tokens: lora.TokenIDs(ids...)}))
		ad, err := a.Adapter(name)
		require.NoError(t, err)
		flat := make([]float32, len(ids)*b.Info().Hidden)
		for i := range flat {
			flat[i] = float32(i%5) - 2
		}
		key := "base_model.model.transformer.wte.token_adapter.trainable_tokens_delta"
		require.NoError(t, ad.Set(ad.Config(), peft.Tensors{key: tensors.FromFlatDataAndDimensions(flat, len(ids), b.Info().Hidden)}))
	}
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{5, 6, 7}, {5, 6, 7}, {5, 6, 7}})}
	mixed, err := a.Forward(t.Context(), peft.Rows("two", "", "one"), in)
	require.NoError(t, err)
	rows := mixed["logits"].Value().([][][]float32)
	for i, sel := range []peft.Selection{peft.Use("two"), peft.Base(), peft.Use("one")} {
		alone, err := a.Forward(t.Context(), sel, in)
		require.NoError(t, err)
		want := alone["logits"].Value().([][][]float32)[i]
		for j := range want {
			require.InDeltaSlice(t, want[j], rows[i][j], 1e-5)
		}
		require.Equal(t, i == 1, rows[i][0][5] == rows[1][0][5], "the adapters differ at token 5")
	}
}
