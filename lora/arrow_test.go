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
	"github.com/gopeft/gopeft/peft"
)

// folders lists those of a case whose names begin so, sorted.
func folders(t *testing.T, dir, begin string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, begin+"*"))
	require.NoError(t, err)
	return list
}

// A router among LoRAs computes what HF PEFT's create_arrow_model makes, by the same main directions up to their signs; it is
// saved with all that it needs, acts in rows, and can't be merged.
func TestArrow(t *testing.T) {
	seed := int64(3)
	for _, c := range []struct {
		base, name string
		set        lora.Arrow
	}{
		{"llama_lm", "lora-arrow", lora.Arrow{TopK: 2, Seed: &seed}},
		{"llama_lm", "lora-arrow-gks", lora.Arrow{TopK: 1, Temperature: 0.7, Subtract: true, Seed: &seed}},
		{"bert_seqcls", "lora-arrow", lora.Arrow{TopK: 2, Temperature: 2, Seed: &seed}},
	} {
		f := golden.Variants(t)
		of, err := f.Case(c.base, c.name)
		require.NoError(t, err)
		cfg, err := lora.NewArrow(c.set, folders(t, of.Dir, "expert"), folders(t, of.Dir, "general"))
		require.NoError(t, err)
		b, err := models.Load(f.BaseDir(c.base), models.On(golden.OpenEngine(t)))
		require.NoError(t, err)
		a, err := peft.Attach(b, "router", cfg, peft.Lenient())
		require.NoError(t, err)
		require.Zero(t, a.NumTrainable())
		all, err := golden.ReadTensors(filepath.Join(f.BaseDir(c.base), "io.safetensors"))
		require.NoError(t, err)
		in := golden.Under(all, "in.")
		out, err := a.Forward(t.Context(), a.All(), in)
		require.NoError(t, err)
		near := golden.Tolerance{Abs: 1e-4, Rel: 1e-4}
		require.NoError(t, near.NearAll(c.name, golden.Under(of.Golden, "out."), out))
		ad, err := a.Adapter("router")
		require.NoError(t, err)
		for key, want := range golden.Under(of.Golden, "extra.prototypes.") {
			got, err := ad.Value(key + ".arrow_prototypes")
			require.NoError(t, err)
			require.NoError(t, golden.Tolerance{Abs: 1e-5, Rel: 1e-4}.Near(key, want, got))
		}

		dir := filepath.Join(t.TempDir(), "saved")
		require.NoError(t, a.Save(dir))
		opened, err := a.LoadAs("again", dir, peft.Lenient())
		require.NoError(t, err)
		require.Equal(t, ad.Config().(*lora.Config).Arrow.Tasks, opened.Config().(*lora.Config).Arrow.Tasks)
		again, err := a.Forward(t.Context(), peft.Use("again"), in)
		require.NoError(t, err)
		require.Equal(t, out["logits"].Value(), again["logits"].Value())
		rows := make([]string, in["input_ids"].Shape().Dimensions[0])
		for i := range rows {
			rows[i] = []string{"router", "again"}[i%2]
		}
		again, err = a.Forward(t.Context(), peft.Rows(rows...), in)
		require.NoError(t, err)
		require.NoError(t, near.Near("rows", out["logits"], again["logits"]))
		_, err = a.Merge(t.Context(), peft.Use("router"))
		require.ErrorIs(t, err, peft.ErrMerge)
	}
}

// One LoRA alone is routed to by every token, and of two that are alike each gets its half; the true directions do as well.
func TestArrowOfOneIsThatOne(t *testing.T) {
	f := golden.Variants(t)
	dir := f.CaseDir("llama_lm", "lora-arrow")
	b, err := models.Load(f.BaseDir("llama_lm"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	one := filepath.Join(dir, "expert1")
	a, err := peft.Load(b, one)
	require.NoError(t, err)
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{5, 6, 7}, {9, 3, 2}})}
	want, err := a.Forward(t.Context(), a.All(), in)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		k    int
		dirs []string
	}{"alone": {1, []string{one}}, "twice": {2, []string{one, one}}, "first of two": {1, []string{one, one}}} {
		cfg, err := lora.NewArrow(lora.Arrow{TopK: c.k}, c.dirs, nil)
		require.NoError(t, err)
		require.NoError(t, a.Attach(name, cfg))
		got, err := a.Forward(t.Context(), peft.Use(name), in)
		require.NoError(t, err)
		require.NoError(t, golden.Tolerance{Abs: 1e-5, Rel: 1e-5}.Near(name, want["logits"], got["logits"]))
	}
}

// What can't be routed among is refused, with the names.
func TestArrowRefused(t *testing.T) {
	f := golden.Variants(t)
	dir := f.CaseDir("llama_lm", "lora-arrow")
	one := filepath.Join(dir, "expert0")
	b, err := models.Load(f.BaseDir("llama_lm"), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	_, err = peft.Load(b, dir)
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, "NewArrow")
	for _, bad := range []string{filepath.Join(dir, "expert9"), f.CaseDir("llama_lm", "lora-kasa"), golden.Committed(t).CaseDir("llama_lm", "prefix")} {
		_, err := lora.NewArrow(lora.Arrow{TopK: 1}, []string{one, bad}, nil)
		require.Error(t, err, bad)
	}
	other := filepath.Join(t.TempDir(), "other")
	a, err := peft.Attach(b, "a", &lora.Config{R: 2, Targets: peft.Match("q_proj")}, peft.Lenient())
	require.NoError(t, err)
	require.NoError(t, a.Save(other))
	for want, c := range map[string]struct {
		set     lora.Arrow
		tasks   []string
		general []string
	}{
		"top_k 3 is more than the 1":     {lora.Arrow{}, []string{one}, nil},
		"top_k must be at least 1":       {lora.Arrow{TopK: -1}, []string{one}, nil},
		"router_temperature":             {lora.Arrow{TopK: 1, Temperature: -2}, []string{one}, nil},
		"use_gks needs general adapters": {lora.Arrow{TopK: 1, Subtract: true}, []string{one}, nil},
		"names no adapter":               {lora.Arrow{TopK: 1}, nil, nil},
		"want [3 32] and [16 3]":         {lora.Arrow{TopK: 1}, []string{one, other}, nil},
		`"other" are`:                    {lora.Arrow{TopK: 1}, []string{one}, []string{other}},
	} {
		cfg, err := lora.NewArrow(c.set, c.tasks, c.general)
		require.NoError(t, err)
		_, err = peft.Attach(b, "a", cfg, peft.Lenient())
		require.ErrorIs(t, err, peft.ErrConfig)
		require.ErrorContains(t, err, want)
	}
	_, err = os.Stat(one)
	require.NoError(t, err)
}
