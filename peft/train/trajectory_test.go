package train_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Five steps of AdamW are HF PEFT's with torch's, for every task that has a loss.
func TestTrajectory(t *testing.T) {
	f, e := golden.OpenFixtures(t), golden.OpenEngine(t)
	for _, name := range []string{"bert_seqcls", "bert_tokcls", "bert_qa", "bert_mlm"} {
		t.Run(name, func(t *testing.T) {
			base, err := f.Base(e, name)
			require.NoError(t, err)
			c, err := f.Case(name, "lora")
			require.NoError(t, err)
			a, err := peft.Load(base.Backbone, c.Dir)
			require.NoError(t, err)
			o := c.Optimizer
			var got []float64
			trainer, err := train.New(a, train.Options{
				Optimizer: optim.AdamW{LR: o.LR, Betas: o.Betas, Eps: o.Eps, WeightDecay: o.Decay},
				Schedule:  optim.Constant{}, MaxGradNorm: optim.Zero, Steps: o.Steps, OnStep: losses(&got),
			})
			require.NoError(t, err)
			report, err := trainer.FitSource(t.Context(), data.Fixed{Batch: data.Batch{Tensors: base.In, Rows: 3}})
			require.NoError(t, err)
			for i, want := range flat(t, c.Golden["train.losses"]) {
				require.InEpsilon(t, want, got[i], 1e-5, "loss of step %d", i+1)
			}
			require.Len(t, got, o.Steps)
			require.Equal(t, c.Trainable, report.Trainable)
			require.Equal(t, c.Total, report.Total)

			out, err := a.Forward(t.Context(), a.All(), base.In)
			require.NoError(t, err)
			final := golden.Under(c.Golden, "train.final.")
			require.NotEmpty(t, final)
			for key, want := range final {
				if name == "bert_qa" && key != "loss" {
					continue // all start logits alike wander with a bias whose gradient is nothing but rounding
				}
				require.InDeltaSlice(t, flat(t, want), flat(t, out[key]), 1e-4, key)
			}
		})
	}
}

// The rates of a run's steps are transformers', and one program serves them all: also another run's, whose optimiser
// has other numbers.
func TestSchedule(t *testing.T) {
	raw, err := os.ReadFile("../../optim/testdata/schedules.json")
	require.NoError(t, err)
	var rows []struct {
		Name string
		Args struct{ Warmup optim.Warmup }
		LR   []float64
	}
	require.NoError(t, json.Unmarshal(raw, &rows))
	a, built := newToy(t, 0.1)
	checked := 0
	for _, row := range rows {
		schedule := map[string]optim.Schedule{
			"constant": optim.Constant{Warmup: row.Args.Warmup},
			"linear":   optim.Linear{Warmup: row.Args.Warmup},
			"cosine":   optim.Cosine{Warmup: row.Args.Warmup},
		}[row.Name]
		if schedule == nil {
			continue
		}
		checked++
		lr := 1e-3 * float64(checked)
		var got []float64
		trainer, err := train.New(a, train.Options{
			Optimizer: optim.AdamW{LR: lr, Betas: [2]float64{0.8, 0.9 + lr}, WeightDecay: lr}, MaxGradNorm: 1 + lr,
			Schedule: schedule, Steps: len(row.LR), Seed: uint64(checked),
			OnStep: func(s train.Step) error { got = append(got, s.LR/lr); return nil },
		})
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), shifted())
		require.NoError(t, err)
		require.InDeltaSlice(t, row.LR, got, 1e-6, row.Name)
	}
	require.Equal(t, 3, checked)
	require.Equal(t, 1, *built, "programs compiled")
}

// A share of the run is warmed up over updates, not over the batches gathered for them.
func TestScheduleCountsUpdates(t *testing.T) {
	a, _ := newToy(t, 0)
	var got []float64
	trainer, err := train.New(a, train.Options{
		Optimizer: optim.AdamW{LR: 1}, Schedule: optim.Linear{Warmup: 0.5}, Accumulate: 2, Epochs: 3,
		OnStep: func(s train.Step) error {
			require.Equal(t, 5, s.Total) // 9 batches, filled up to 5 updates
			require.Equal(t, len(got)+1, s.Step)
			got = append(got, s.LR)
			return nil
		},
	})
	require.NoError(t, err)
	report, err := trainer.FitSource(t.Context(), shifted())
	require.NoError(t, err)
	require.Equal(t, 5, report.Steps)
	// transformers: updates 0, 1/3, 2/3, 1, 1/2 of the rate for 5 updates, 3 of them warmup
	require.InDeltaSlice(t, []float64{0, 1. / 3, 2. / 3, 1, 0.5}, got, 1e-12)
}

// Nothing but the adapter's values moves, and each of them does.
func TestIsolation(t *testing.T) {
	dir := textBERT(t)
	a := attach(t, dir)
	cfg := mustAdapter(t, a).Config()
	require.NoError(t, a.Attach("b", cfg, peft.Seed(2)))
	frozen := map[string][]float32{}
	for path, v := range a.Backbone().Values() {
		frozen[path] = flat(t, v)
	}
	other, err := a.Adapter("b")
	require.NoError(t, err)
	before, stays := values(t, a), map[string][]float32{}
	for key, v := range other.Values() {
		stays[key] = flat(t, v)
	}
	// Steps of one size whatever the gradient: Adam's moments at work on a few examples.
	trainer, err := train.New(a, train.Options{Adapter: "a", Optimizer: optim.AdamW{LR: 1e-2}, Epochs: 2})
	require.NoError(t, err)
	_, err = trainer.Fit(t.Context(), sentences(12))
	require.NoError(t, err)

	for path, v := range a.Backbone().Values() {
		require.Equal(t, frozen[path], flat(t, v), path)
	}
	for key, v := range other.Values() {
		require.Equal(t, stays[key], flat(t, v), key)
	}
	for key, now := range values(t, a) {
		require.NotEqual(t, before[key], now, key)
		require.True(t, strings.Contains(key, "lora_") || strings.Contains(key, "classifier"), key)
	}
}

func mustAdapter(t testing.TB, a *peft.Adapted) *peft.Adapter {
	t.Helper()
	ad, err := a.Adapter(a.Names()[0])
	require.NoError(t, err)
	return ad
}
