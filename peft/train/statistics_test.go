package train_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

const meanOfEmbedder = "base_model.model.resnet.embedder.embedder.normalization.running_mean"

// following opens a ResNet's golden case, trained in torch's training mode, and gives what trains it.
func following(t *testing.T) (*golden.Base, *golden.Case, func(out string, steps int) (*peft.Adapted, train.Options)) {
	t.Helper()
	f := golden.Committed(t)
	base, err := f.Base(golden.OpenEngine(t), "tiny_resnet_imgcls")
	require.NoError(t, err)
	c, err := f.Case("tiny_resnet_imgcls", "lora-trainbn")
	require.NoError(t, err)
	return base, c, func(out string, steps int) (*peft.Adapted, train.Options) {
		a, err := peft.Load(base.Backbone, c.Dir, peft.TrainStatistics())
		require.NoError(t, err)
		o := c.Optimizer
		return a, train.Options{
			Optimizer: optim.AdamW{LR: o.LR, Betas: o.Betas, Eps: o.Eps, WeightDecay: o.Decay},
			Schedule:  optim.Constant{}, MaxGradNorm: optim.Zero, Steps: steps, Out: out,
		}
	}
}

// A trainer's steps move batch norms' statistics as torch's do, and a run that was stopped goes on with them, to the
// same bits.
func TestStatisticsFollow(t *testing.T) {
	base, c, begin := following(t)
	src := data.Fixed{Batch: data.Batch{Tensors: base.In, Rows: 3}}
	fit := func(out string, stopAfter int, resume bool) (*peft.Adapted, []float64) {
		a, o := begin(out, c.Optimizer.Steps)
		var got []float64
		o.Resume = resume
		o.OnStep = func(s train.Step) error {
			if got = append(got, s.Loss); s.Step == stopAfter {
				return errStop
			}
			return nil
		}
		o.CheckpointEvery = 1
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), src)
		if stopAfter > 0 {
			require.ErrorIs(t, err, errStop)
		} else {
			require.NoError(t, err)
		}
		return a, got
	}
	whole, got := fit(t.TempDir(), 0, false)
	for i, want := range flat(t, c.Golden["train.losses"]) {
		require.InEpsilon(t, want, got[i], 1e-5, "loss of step %d", i+1)
	}
	out, err := whole.Forward(t.Context(), whole.All(), base.In)
	require.NoError(t, err)
	require.NoError(t, golden.Tolerance{Abs: 1e-5, Rel: 1e-5}.NearAll("after training", golden.Under(c.Golden, "train.final."), out))
	want := values(t, whole)
	before, _ := begin("", 1)
	require.NotEqual(t, values(t, before)[meanOfEmbedder], want[meanOfEmbedder])

	dir := t.TempDir()
	fit(dir, 2, false)
	resumed, _ := fit(dir, 0, true)
	require.Equal(t, want, values(t, resumed))

	// The file has them, and whoever opens it without asking to train them has them fixed.
	again, err := peft.Load(base.Backbone, filepath.Join(dir, "adapter"))
	require.NoError(t, err)
	require.Equal(t, want, values(t, again))
	moving, err := again.Moving(again.All())
	require.NoError(t, err)
	require.Empty(t, moving)
	same, err := again.Forward(t.Context(), again.All(), base.In)
	require.NoError(t, err)
	require.NoError(t, golden.Same("opened", out, same))
}

var errStop = errors.New("stop")

// Statistics move with every batch. Stopped inside of a step of several, a run leaves them as they were after the last
// whole one, and goes on to the same bits.
func TestStatisticsInsideStep(t *testing.T) {
	base, _, begin := following(t)
	fit := func(out string, cancelAt, stopAfter int, resume bool) (map[string][]float32, error) {
		a, o := begin(out, 3)
		o.Accumulate, o.Resume = 2, resume
		o.OnStep = func(s train.Step) error {
			if s.Step == stopAfter {
				return train.ErrStop
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if out != "" {
			cancelAt++ // for the batch that the identity of the run looks at
		}
		src := interrupted{batches{{Tensors: base.In, Rows: 3}}, &cancelAt, func() error { cancel(); return nil }}
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		_, err = trainer.FitSource(ctx, src)
		return values(t, a), err
	}
	one, err := fit("", -1, 1, false)
	require.NoError(t, err)
	whole, err := fit("", -1, -1, false)
	require.NoError(t, err)
	out := t.TempDir()
	got, err := fit(out, 4, -1, false) // before the second batch of the second step
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, one, got)
	got, err = fit(out, -1, -1, true)
	require.NoError(t, err)
	require.Equal(t, whole, got)
}
