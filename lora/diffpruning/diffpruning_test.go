package diffpruning_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora/diffpruning"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/train"
)

// Under every law, with gates half open. On the tiny network query and value have 2 · 64 weights, each with a difference and a
// gate, and a gate each.
func TestConformance(t *testing.T) {
	for i, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `"target_modules": ["query", "value"]`, 4*64 + 2},
		{"unstructured, biases", `"target_modules": ["query", "value"], "structured": false, "bias": "diffpruning_only"`, 4*64 + 2*8},
		{"embedding", `"target_modules": ["word_embeddings"], "concrete_lower": -0.5, "concrete_upper": 2`, 2*11*8 + 1},
	} {
		c := pefttest.Case{
			Name: "DIFFPRUNING, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "DIFFPRUNING", "alpha_init": 1, "sparsity_pen": 0.01, %s}`, v.settings),
		}
		if i == 0 {
			c.Bad = []pefttest.Bad{
				{Change: `{"target_density": 1.5}`, Field: "target_density"},
				{Change: `{"fixed_steps": -1}`, Field: "fixed_steps"},
				{Change: `{"sparsity_pen": -1}`, Field: "sparsity_pen"},
				{Change: `{"concrete_lower": 0.5}`, Field: "concrete_lower"},
				{Change: `{"concrete_upper": 1}`, Field: "concrete_upper"},
				{Change: `{"alpha_init": 21}`, Field: "alpha_init"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
				{Change: `{"kept_per_module": {"bert.encoder.layer.0.attention.self.query": 3}}`, Field: "kept_per_module"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
	t.Run("convolutions", func(t *testing.T) {
		pefttest.Conform(t, pefttest.Case{
			Name: "DIFFPRUNING, convolutions", Backbone: pefttest.Convolved, Trainable: 2*(8*4*3+6*4*6) + 2,
			JSON: `{"peft_type": "DIFFPRUNING", "alpha_init": 1, "sparsity_pen": 0.01, "target_modules": ["grouped", "image"]}`,
		})
	})
}

// What the penalty counts is what it is to count (equation 6 of Louizos et al.): the share of draws with which a gate is not 0.
func TestPenaltyCountsOpenGates(t *testing.T) {
	const n = 200_000
	u := make([]float32, n)
	for i := range u {
		u[i] = (float32(i) + 0.5) / n
	}
	e := golden.OpenEngine(t)
	for _, c := range []struct{ alpha, lower, upper float64 }{{0, -1.5, 1.5}, {-2, -1.5, 1.5}, {3, -0.1, 1.1}, {-1, -0.5, 2}} {
		exec := graph.MustNewExec(e.Backend(), func(draws *graph.Node) []*graph.Node {
			alpha := graph.AddScalar(graph.ZerosLike(draws), c.alpha)
			z := diffpruning.Gate(alpha, draws, c.lower, c.upper)
			isOpen := graph.Where(graph.GreaterThan(z, graph.ZerosLike(z)), graph.OnesLike(z), graph.ZerosLike(z))
			inRange := graph.ReduceAllMax(graph.Abs(graph.Sub(z, graph.Min(graph.Max(z, graph.ZerosLike(z)), graph.OnesLike(z)))))
			return []*graph.Node{
				graph.ReduceAllMean(isOpen), graph.ReduceAllMax(diffpruning.Open(alpha, c.lower, c.upper)), inRange,
			}
		})
		out := exec.MustCall(tensors.FromValue(u))
		require.InDelta(t, tensors.ToScalar[float32](out[0]), tensors.ToScalar[float32](out[1]), 1e-4, c)
		require.Zero(t, tensors.ToScalar[float32](out[2]))
	}
}

func attach(t *testing.T, cfg *diffpruning.Config) (*golden.Base, *peft.Adapted) {
	t.Helper()
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	cfg.Targets = peft.Match("query", "value")
	cfg.TaskType = "SEQ_CLS"
	a, err := peft.Attach(base.Backbone, "a", cfg)
	require.NoError(t, err)
	return base, a
}

func fit(t *testing.T, base *golden.Base, a *peft.Adapted, steps int) error {
	t.Helper()
	trainer, err := train.New(a, train.Options{
		Optimizer: optim.AdamW{LR: 1e-2}, Schedule: optim.Constant{}, Steps: steps,
		EvalSource: data.Fixed{Batch: data.Batch{Tensors: base.In, Rows: 1}}, EvalEvery: 2,
	})
	require.NoError(t, err)
	report, err := trainer.FitSource(t.Context(), data.Fixed{Batch: data.Batch{Tensors: base.In}})
	if err == nil && steps > 8 {
		require.GreaterOrEqual(t, report.BestStep, steps-4)
	}
	return err
}

const weights = 4 * 32 * 32 // of query and value in two blocks

// After the projection just the share of the weights differs that was asked for, with a gradient for no other; the file holds no
// more, computes the same, and trains on at these places.
func TestProjection(t *testing.T) {
	for _, structured := range []bool{true, false} {
		base, a := attach(t, &diffpruning.Config{TargetDensity: 0.02, FixedSteps: 4, AlphaInit: 1, SparsityPenalty: 1e-4, Structured: &structured})
		require.NoError(t, fit(t, base, a, 12))
		differ := func(a *peft.Adapted) int {
			merged, err := a.Merge(t.Context(), a.All())
			require.NoError(t, err)
			old := map[string]*peft.Tensor{}
			for path, v := range base.Backbone.Values() {
				old[path] = v
			}
			n := 0
			for path, v := range merged.Values() {
				if !strings.Contains(path, "self.") {
					continue
				}
				x, y := tensors.MustCopyFlatData[float32](v), tensors.MustCopyFlatData[float32](old[path])
				for i := range x {
					if x[i] != y[i] {
						n++
					}
				}
			}
			return n
		}
		want := int(math.Round(0.02 * weights))
		require.InDelta(t, want, differ(a), 2) // one may be too small to show

		_, grads, err := a.Gradients(t.Context(), a.All(), base.In)
		require.NoError(t, err)
		params, err := a.Trainable(a.All())
		require.NoError(t, err)
		moving := 0
		for i, p := range params {
			if p.Name == "diffpruning_diff" {
				for _, g := range tensors.MustCopyFlatData[float32](grads[i]) {
					if g != 0 {
						moving++
					}
				}
			}
		}
		require.LessOrEqual(t, moving, want)
		require.Greater(t, moving, want/2)

		dir := t.TempDir()
		require.NoError(t, a.Save(dir))
		saved, err := peft.Load(base.Backbone, dir)
		require.NoError(t, err)
		ad, err := saved.Adapter(saved.Names()[0])
		require.NoError(t, err)
		head := 0
		for _, p := range ad.Params() {
			if p.Saved != "" {
				head += p.Size()
			}
		}
		require.Equal(t, want, ad.NumTrainable()-head)
		before, err := a.Forward(t.Context(), a.All(), base.In)
		require.NoError(t, err)
		after, err := saved.Forward(t.Context(), saved.All(), base.In)
		require.NoError(t, err)
		require.NoError(t, golden.Tolerance{Abs: 1e-6}.Near("logits", before["logits"], after["logits"]))
		require.NoError(t, fit(t, base, saved, 3))
		require.InDelta(t, want, differ(saved), 2)
	}
}

func TestProjectionRefused(t *testing.T) {
	base, a := attach(t, &diffpruning.Config{FixedSteps: 5})
	err := fit(t, base, a, 5)
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, "fixed_steps")

	ad, err := a.Adapter("a")
	require.NoError(t, err)
	stepping := ad.Stepping(0)
	params, err := a.Trainable(a.All())
	require.NoError(t, err)
	var values []*peft.Tensor
	for _, p := range params {
		values = append(values, p.Value)
	}
	_, err = stepping.After(1, values, values)
	require.NoError(t, err)
	require.True(t, stepping.Unfinished())
	require.Len(t, stepping.Warnings(), 1)
}

// The projection keeps the largest differences of all targets, times their gates, and nothing else.
func TestProjectionKeepsTheLargest(t *testing.T) {
	_, a := attach(t, &diffpruning.Config{TargetDensity: 0.01})
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	params, err := a.Trainable(a.All())
	require.NoError(t, err)
	var values []*peft.Tensor
	var sizes []float64
	n := 0
	for _, p := range params {
		flat := tensors.MustCopyFlatData[float32](p.Value)
		for i := range flat {
			if p.Name == "diffpruning_diff" {
				n++
				flat[i] = float32((n*7919)%4093) / 4093 * float32(1-2*(n%2))
				sizes = append(sizes, math.Abs(float64(flat[i])))
			}
		}
		values = append(values, tensors.FromFlatDataAndDimensions(flat, p.Shape...))
	}
	require.Len(t, sizes, weights)
	slices.Sort(sizes)
	bound := sizes[weights-int(math.Round(0.01*weights))]
	after, err := ad.Stepping(1).After(1, values, values)
	require.NoError(t, err)
	kept := 0
	for i, p := range params {
		if p.Name != "diffpruning_diff" {
			continue
		}
		for k, v := range tensors.MustCopyFlatData[float32](after[i]) {
			was := tensors.MustCopyFlatData[float32](values[i])[k]
			if v != 0 {
				kept++
				require.Equal(t, was, v, "gates are open")
				require.GreaterOrEqual(t, math.Abs(float64(v)), bound)
			}
		}
	}
	require.Equal(t, int(math.Round(0.01*weights)), kept)
}
