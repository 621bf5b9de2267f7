package fishmask_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora/fishmask"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Under every law. On the tiny network query and value have 2 · 64 weights, of which a quarter are 32.
func TestConformance(t *testing.T) {
	for i, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `"target_modules": ["query", "value"]`, 32},
		{"absolute, biases", `"target_modules": ["query", "value"], "grad_type": "absolute", "bias": "fishmask_only", "num_samples": 3`, 32 + 2*8},
		{"embedding", `"target_modules": ["word_embeddings", "intermediate.dense"]`, (11*8 + 8*12) / 4},
	} {
		c := pefttest.Case{
			Name: "FISHMASK, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "FISHMASK", "keep_ratio": 0.25, %s}`, v.settings),
		}
		if i == 0 {
			c.Bad = []pefttest.Bad{
				{Change: `{"keep_ratio": 1.5}`, Field: "keep_ratio"},
				{Change: `{"keep_ratio": -0.5}`, Field: "keep_ratio"},
				{Change: `{"num_samples": -1}`, Field: "num_samples"},
				{Change: `{"grad_type": "cube"}`, Field: "grad_type"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
				{Change: `{"kept_per_module": {"x": -1}}`, Field: "kept_per_module"},
				{Change: `{"kept_per_module": {"bert.encoder.layer.0.attention.self.query": 65}}`, Field: "kept_per_module"},
				{Change: `{"kept_per_module": {}}`, Field: "kept_per_module"},
				{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
	t.Run("convolutions", func(t *testing.T) {
		pefttest.Conform(t, pefttest.Case{
			Name: "FISHMASK, convolutions", Backbone: pefttest.Convolved, Trainable: (8*4*3 + 6*4*6) / 4,
			JSON: `{"peft_type": "FISHMASK", "keep_ratio": 0.25, "target_modules": ["grouped", "image"]}`,
		})
	})
}

// The places are those of the weights with the largest information, worked out here from the losses of single examples by
// differences: moving one of them changes the loss more than any weight that was not chosen.
func TestInformation(t *testing.T) {
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	const target = "bert.pooler.dense"
	cfg := &fishmask.Config{KeepRatio: 0.02, Targets: peft.MatchRegexp(`bert\.pooler\.dense`)}
	a, err := peft.Attach(base.Backbone, "a", cfg, peft.Calibrate(t.Context(), func(yield func(peft.Tensors, error) bool) { yield(base.In, nil) }))
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	v, err := ad.Value("base_model.model." + target + ".fishmask_indices")
	require.NoError(t, err)
	flat := tensors.MustCopyFlatData[int32](v)
	k := len(flat) / 2
	require.Equal(t, int(math.Round(0.02*32*32)), k)
	chosen := map[[2]int]bool{}
	for i := range k {
		chosen[[2]int{int(flat[i]), int(flat[k+i])}] = true
	}
	require.Len(t, chosen, k)

	// A backbone of which one weight is moved, for each row of the batch alone.
	values := peft.Tensors{}
	for path, x := range base.Backbone.Values() {
		values[path] = x
	}
	weight := tensors.MustCopyFlatData[float32](values[target+".weight"])
	full := &fishmask.Config{KeepRatio: 1, Targets: cfg.Targets}
	b, err := peft.Attach(base.Backbone, "b", full, peft.Calibrate(t.Context(), func(yield func(peft.Tensors, error) bool) { yield(base.In, nil) }))
	require.NoError(t, err)
	every, err := b.Adapter("b")
	require.NoError(t, err)
	loss := func(at int, by float32) []float64 {
		moved := make([]float32, len(weight))
		moved[at] = by
		require.NoError(t, every.Set(every.Config(), peft.Tensors{"base_model.model." + target + ".fishmask_weight": tensors.FromValue(moved)}))
		out, err := b.Forward(t.Context(), b.All(), base.In)
		require.NoError(t, err)
		return crossEntropy(t, out["logits"], base.In["labels"])
	}
	information := func(at int) float64 {
		const step = 1.0 / 32
		up, down := loss(at, step), loss(at, -step)
		sum := 0.0
		for i := range up {
			sum += (up[i] - down[i]) * (up[i] - down[i])
		}
		return sum
	}
	least, most := math.Inf(1), 0.0
	for at := range weight {
		where := [2]int{at / 32, at % 32}
		if !chosen[where] && at%7 != 0 { // every seventh of the others
			continue
		}
		if f := information(at); chosen[where] {
			least = min(least, f)
		} else {
			most = max(most, f)
		}
	}
	require.Greater(t, least, 0.99*most)
}

// crossEntropy gives the loss of each row.
func crossEntropy(t *testing.T, logits, labels *peft.Tensor) []float64 {
	t.Helper()
	x := tensors.MustCopyFlatData[float32](logits)
	var y []int
	switch flat := labels.Value().(type) {
	case []int32:
		for _, v := range flat {
			y = append(y, int(v))
		}
	case []int64:
		for _, v := range flat {
			y = append(y, int(v))
		}
	}
	n := len(x) / len(y)
	out := make([]float64, len(y))
	for i, label := range y {
		row := x[i*n : (i+1)*n]
		top := float64(slices.Max(row))
		sum := 0.0
		for _, v := range row {
			sum += math.Exp(float64(v) - top)
		}
		out[i] = math.Log(sum) + top - float64(row[label])
	}
	return out
}

// Training moves the chosen weights only: what is merged differs from the model at just these places.
func TestMergedAtPlaces(t *testing.T) {
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	cfg := &fishmask.Config{KeepRatio: 0.01, Targets: peft.Match("query", "output.dense")}
	a, err := peft.Attach(base.Backbone, "a", cfg, peft.Calibrate(t.Context(), func(yield func(peft.Tensors, error) bool) { yield(base.In, nil) }))
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	next := peft.Tensors{}
	total := 0
	for _, p := range ad.Params() {
		if p.Name == "fishmask_weight" {
			flat := make([]float32, p.Size())
			for i := range flat {
				flat[i] = 0.5
			}
			next[p.FileKey()] = tensors.FromValue(flat)
			total += len(flat)
		}
	}
	require.NoError(t, ad.Set(ad.Config(), next))
	merged, err := a.Merge(t.Context(), a.All())
	require.NoError(t, err)
	old := peft.Tensors{}
	for path, v := range base.Backbone.Values() {
		old[path] = v
	}
	changed := 0
	for path, v := range merged.Values() {
		x, y := tensors.MustCopyFlatData[float32](v), tensors.MustCopyFlatData[float32](old[path])
		for i := range x {
			if x[i] != y[i] {
				changed++
				require.InDelta(t, 0.5, float64(x[i]-y[i]), 1e-6)
			}
		}
	}
	const weights = 2*32*32 + 2*32*32 + 2*32*48
	require.Equal(t, total, changed)
	require.Equal(t, int(math.Round(0.01*float64(weights))), total)
}
