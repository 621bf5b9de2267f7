package lora_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// LoftQ's start is nearer to the weight than quantising alone, and the nearer the more rank it has, at any alpha; more rounds
// lose nothing of it. What is saved gives the same outputs on the backbone as it was.
func TestLoftQComesNear(t *testing.T) {
	dir := golden.Committed(t).BaseDir("llama_lm")
	b, err := models.Load(dir, models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	const path = "model.layers.0.mlp.down_proj.weight"
	distance := func(c lora.Config) float64 {
		c.Init, c.Targets = lora.LoftQStart, peft.Match("down_proj")
		a, err := peft.Attach(b, "a", &c, peft.Lenient())
		require.NoError(t, err)
		merged, err := a.Merge(t.Context(), a.All())
		require.NoError(t, err)
		var was, is []float32
		for p, v := range b.Values() {
			if p == path {
				was = tensors.MustCopyFlatData[float32](v)
			}
		}
		for p, v := range merged.Values() {
			if p == path {
				is = tensors.MustCopyFlatData[float32](v)
			}
		}
		sum := 0.0
		for i := range was {
			sum += math.Pow(float64(was[i]-is[i]), 2)
		}
		return math.Sqrt(sum)
	}
	for _, bits := range []int{2, 4, 8} {
		q := lora.LoftQ{Bits: bits}
		low, high := distance(lora.Config{R: 1, LoftQ: q}), distance(lora.Config{R: 8, LoftQ: q})
		require.Less(t, high, low)
		require.InEpsilon(t, high, distance(lora.Config{R: 8, Alpha: 64, LoftQ: q}), 1e-3, "whatever alpha is")
		require.LessOrEqual(t, distance(lora.Config{R: 8, LoftQ: lora.LoftQ{Bits: bits, Iterations: 5}}), high*1.02)
	}

	a, err := peft.Attach(b, "a", &lora.Config{R: 4, Init: lora.LoftQStart, LoftQ: lora.LoftQ{Bits: 2, Iterations: 2}}, peft.Lenient())
	require.NoError(t, err)
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{5, 6, 7}, {9, 3, 2}})}
	want, err := a.Forward(t.Context(), a.All(), in)
	require.NoError(t, err)
	saved := filepath.Join(t.TempDir(), "saved")
	require.NoError(t, a.Save(saved))
	again, err := peft.Load(b, saved)
	require.NoError(t, err)
	got, err := again.Forward(t.Context(), again.All(), in)
	require.NoError(t, err)
	require.Equal(t, want["logits"].Value(), got["logits"].Value())
}
