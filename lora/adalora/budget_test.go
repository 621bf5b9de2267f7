package adalora_test

import (
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora/adalora"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// run is HF PEFT's run of testdata/budget: see internal/testdata/gen/adalora_budget.py.
type run struct {
	base    *golden.Base
	adapted *peft.Adapted
	want    peft.Tensors
}

const (
	dir   = "testdata/budget"
	steps = 14
)

func open(t *testing.T) *run {
	t.Helper()
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	r := &run{base: base}
	r.adapted, err = peft.Load(base.Backbone, dir)
	require.NoError(t, err)
	r.want, err = golden.ReadTensors(filepath.Join(dir, "run.safetensors"))
	require.NoError(t, err)
	return r
}

func (r *run) options() train.Options {
	return train.Options{
		Optimizer: optim.AdamW{LR: 1e-2, WeightDecay: 0.01}, Schedule: optim.Constant{}, MaxGradNorm: optim.Zero, Steps: steps,
	}
}

func (r *run) fit(t *testing.T, o train.Options) *train.Report {
	t.Helper()
	trainer, err := train.New(r.adapted, o)
	require.NoError(t, err)
	report, err := trainer.FitSource(t.Context(), data.Fixed{Batch: data.Batch{Tensors: r.base.In}})
	require.NoError(t, err)
	return report
}

// The Trainer takes the ranks away that HF PEFT does, when it does, and ends with the same values.
func TestBudget(t *testing.T) {
	r := open(t)
	var losses []float32
	o := r.options()
	o.OnStep = func(s train.Step) error { losses = append(losses, float32(s.Loss)); return nil }
	r.fit(t, o)
	near := golden.Tolerance{Abs: 1e-4, Rel: 1e-3}
	require.NoError(t, near.Near("losses", r.want["losses"], tensors.FromValue(losses)))
	ad, err := r.adapted.Adapter("budget")
	require.NoError(t, err)
	require.NoError(t, near.NearAll("end", golden.Under(r.want, "end."), ad.Values()))

	// What is taken away is in no file, and what is saved computes the same.
	saved := t.TempDir()
	require.NoError(t, r.adapted.Save(saved))
	again, err := peft.Load(r.base.Backbone, saved)
	require.NoError(t, err)
	cut, err := again.Adapter(again.Names()[0])
	require.NoError(t, err)
	require.Equal(t, 4*6-12, left(t, cut))
	require.Less(t, cut.NumTrainable(), ad.NumTrainable())
	require.Len(t, cut.Config().(*adalora.Config).RankPattern, 4)
	want, err := r.adapted.Forward(t.Context(), r.adapted.All(), r.base.In)
	require.NoError(t, err)
	got, err := again.Forward(t.Context(), again.All(), r.base.In)
	require.NoError(t, err)
	require.NoError(t, golden.Tolerance{Abs: 1e-6}.Near("logits", want["logits"], got["logits"]))
}

// left counts ranks whose E is not 0.
func left(t *testing.T, ad *peft.Adapter) int {
	t.Helper()
	n := 0
	for key, v := range ad.Values() {
		if strings.HasSuffix(key, "lora_E") {
			for _, e := range tensors.MustCopyFlatData[float32](v) {
				if e != 0 {
					n++
				}
			}
		}
	}
	return n
}

// After each step those ranks are gone that are gone in HF PEFT.
func TestBudgetByStep(t *testing.T) {
	for _, stop := range []int{3, 4, 6, 9, 11, 12} {
		r := open(t)
		o := r.options()
		enough := errors.New("enough")
		o.OnStep = func(s train.Step) error {
			if s.Step == stop {
				return enough
			}
			return nil
		}
		trainer, err := train.New(r.adapted, o)
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), data.Fixed{Batch: data.Batch{Tensors: r.base.In}})
		require.ErrorIs(t, err, enough)
		ad, err := r.adapted.Adapter("budget")
		require.NoError(t, err)
		all := golden.Under(r.want, fmt.Sprintf("E.%d.", stop))
		require.Len(t, all, 4)
		for name, want := range all {
			got, err := ad.Value("base_model.model." + name + ".lora_E")
			require.NoError(t, err)
			require.NoError(t, golden.Tolerance{Abs: 1e-4, Rel: 1e-3}.Near(name, want, got), "step %d", stop)
		}
	}
}

// A run that is too short for its budget takes no rank away, and says so. One that is evaluated keeps no values from before
// the budget is met.
func TestBudgetOfRuns(t *testing.T) {
	r := open(t)
	var log strings.Builder
	o := r.options()
	o.Steps, o.Logger = steps-1, slog.New(slog.NewTextHandler(&log, nil))
	r.fit(t, o)
	ad, err := r.adapted.Adapter("budget")
	require.NoError(t, err)
	require.Equal(t, 4*6, left(t, ad))
	require.Equal(t, 1, strings.Count(log.String(), "no rank is taken away"), log.String())

	r = open(t)
	o = r.options()
	o.EvalSource, o.EvalEvery = data.Fixed{Batch: data.Batch{Tensors: r.base.In, Rows: 1}}, 1
	report := r.fit(t, o)
	require.GreaterOrEqual(t, report.BestStep, steps-3)
	ad, err = r.adapted.Adapter("budget")
	require.NoError(t, err)
	require.Equal(t, 12, left(t, ad))
}
