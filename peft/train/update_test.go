package train_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// fit trains a fresh toy and gives its values.
func fit(t *testing.T, o train.Options, src data.Source) map[string][]float32 {
	t.Helper()
	a, _ := newToy(t, 0)
	trainer, err := train.New(a, o)
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), src)
	require.NoError(t, err)
	return values(t, a)
}

// Three small batches and one big one make the same update, clipped and decayed.
func TestAccumulate(t *testing.T) {
	o := train.Options{Optimizer: optim.AdamW{LR: 1e-2}, MaxGradNorm: 0.1, Schedule: optim.Constant{}, Steps: 4}
	big := batches{toyBatch(6, []int32{0, 1, 2, 0, 1, 2}, []int32{1, 2, 0, 1, 2, 0})}
	want := fit(t, o, big)
	o.Accumulate = 3
	got := fit(t, o, shifted())
	start, _ := newToy(t, 0)
	for key, first := range values(t, start) {
		require.InDeltaSlice(t, want[key], got[key], 1e-6, key)
		require.NotEqual(t, first, got[key], key)
	}
}

// A step of plain SGD at rate 1 moves the values by the clipped gradient: as far as the bound where there is one, else
// by the norm that the record of the step tells, which is that of the gradients themselves.
func TestClip(t *testing.T) {
	for name, bound := range map[string]float64{"bound": 1e-3, "no bound": optim.Zero, "loose bound": 1e3} {
		t.Run(name, func(t *testing.T) {
			a, _ := newToy(t, 0)
			batch := shifted()[0]
			_, grads, err := a.Gradients(t.Context(), a.All(), batch.Tensors)
			require.NoError(t, err)
			square := 0.0
			for _, g := range grads {
				for _, x := range flat(t, g) {
					square += float64(x) * float64(x)
				}
			}
			norm := math.Sqrt(square)
			require.Greater(t, norm, 1e-2)

			before := values(t, a)
			trainer, err := train.New(a, train.Options{
				Optimizer: optim.SGD{LR: 1}, Schedule: optim.Constant{}, MaxGradNorm: bound, Steps: 1,
				OnStep: func(s train.Step) error { require.InEpsilon(t, norm, s.GradNorm, 1e-5); return nil },
			})
			require.NoError(t, err)
			_, err = trainer.FitSource(t.Context(), batches{batch})
			require.NoError(t, err)
			moved := 0.0
			for key, now := range values(t, a) {
				for i := range now {
					moved += math.Pow(float64(now[i])-float64(before[key][i]), 2)
				}
			}
			want := norm
			if name == "bound" {
				want = bound
			}
			require.InEpsilon(t, want, math.Sqrt(moved), 1e-3)
		})
	}
}

// The zero value of the options is three epochs of batches of 8, AdamW at torch's rate falling to zero.
func TestDefaults(t *testing.T) {
	a := attach(t, textBERT(t))
	var rates []float64
	trainer, err := train.New(a, train.Options{OnStep: func(s train.Step) error { rates = append(rates, s.LR); return nil }})
	require.NoError(t, err)
	report, err := trainer.Fit(t.Context(), sentences(9))
	require.NoError(t, err)
	require.Equal(t, 6, report.Steps)
	require.Nil(t, report.Evaluation)
	for i, rate := range rates {
		require.InDelta(t, 1e-3*(1-float64(i)/6), rate, 1e-12)
	}
}

// Options that can't be used are refused by name.
func TestOptions(t *testing.T) {
	a, _ := newToy(t, 0)
	for name, o := range map[string]train.Options{
		"BatchSize":       {BatchSize: -1},
		"Accumulate":      {Accumulate: -2},
		"Epochs":          {Epochs: -1},
		"Steps":           {Steps: -1},
		"MaxLength":       {MaxLength: -1},
		"EvalEvery":       {EvalEvery: -1},
		"CheckpointEvery": {CheckpointEvery: -1, Out: "x"},
		"KeepCheckpoints": {KeepCheckpoints: -1},
		"MaxGradNorm":     {MaxGradNorm: math.NaN()},
		"Eval":            {Eval: sentences(1), EvalSource: shifted()},
		"Out":             {Resume: true},
	} {
		_, err := train.New(a, o)
		require.ErrorIs(t, err, train.ErrOptions, name)
		require.ErrorContains(t, err, name)
	}
	_, err := train.New(a, train.Options{Out: "", CheckpointEvery: 1})
	require.ErrorIs(t, err, train.ErrOptions)
	_, err = train.New(a, train.Options{Optimizer: optim.AdamW{LR: -1}})
	require.ErrorIs(t, err, optim.ErrConfig)
	_, err = train.New(a, train.Options{Adapter: "b"})
	require.ErrorIs(t, err, peft.ErrAdapter)
	cfg := mustAdapter(t, a).Config()
	require.NoError(t, a.Attach("b", cfg))
	_, err = train.New(a, train.Options{})
	require.ErrorContains(t, err, "name the one to train among a, b")

	trainer, err := train.New(a, train.Options{Adapter: "a", Schedule: optim.Linear{Warmup: 4}, Steps: 3})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.ErrorIs(t, err, optim.ErrConfig, "a warmup longer than the run")

	trainer, err = train.New(a, train.Options{Adapter: "a"})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), short{shifted()})
	require.ErrorIs(t, err, train.ErrOptions)
	require.ErrorContains(t, err, "epoch 0 has 3 batches, where the source promised 4")
}

// short promises one batch too many.
type short struct{ batches }

func (s short) NumBatches() int { return len(s.batches) + 1 }
