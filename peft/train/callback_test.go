package train_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft/train"
)

// A callback that returns ErrStop ends the run as if this were its last step: evaluated, saved, reported. It is over for
// who goes on with it, too.
func TestStopFromCallback(t *testing.T) {
	three := fit(t, train.Options{Optimizer: optim.AdamW{LR: 0.05}, Schedule: optim.Constant{}, Steps: 3, Seed: 1}, shifted())
	for name, c := range map[string]struct {
		set func(o *train.Options, err error)
		err error
		why string
	}{
		"OnStep": {func(o *train.Options, err error) {
			o.OnStep = at3[train.Step](func(s train.Step) int { return s.Step }, err)
		}, train.ErrStop, "OnStep said so"},
		"OnEval": {func(o *train.Options, err error) {
			o.OnEval = at3[train.Evaluation](func(e train.Evaluation) int { return e.Step }, err)
		}, train.ErrStop, "OnEval said so"},
		"wrapped": {func(o *train.Options, err error) {
			o.OnStep = at3[train.Step](func(s train.Step) int { return s.Step }, err)
		}, fmt.Errorf("out of budget: %w", train.ErrStop), "out of budget: stop training"},
	} {
		t.Run(name, func(t *testing.T) {
			o := train.Options{
				Optimizer: optim.AdamW{LR: 0.05}, Schedule: optim.Constant{}, Steps: 9, Seed: 1, Out: t.TempDir(),
				EvalSource: shifted(), EvalEvery: 1, KeepLast: true, CheckpointEvery: 2,
			}
			if name != "OnEval" {
				o.EvalEvery = 5 // the step that turns out to be the last is evaluated all the same
			}
			c.set(&o, c.err)
			a, _ := newToy(t, 0)
			trainer, err := train.New(a, o)
			require.NoError(t, err)
			report, err := trainer.FitSource(t.Context(), shifted())
			require.NoError(t, err)
			require.Equal(t, []any{train.Stopped, c.why, 3, 3}, []any{report.Ended, report.Why, report.Steps, report.Evaluation.Step})
			require.Equal(t, three, values(t, a))
			require.Equal(t, []string{"step-2", "step-3"}, stepsIn(t, o.Out))
			want := readRecord(t, o.Out)
			require.Equal(t, "stopped by a callback", want.summary["ended"])
			require.Equal(t, c.why, want.summary["why"])

			require.NoError(t, os.RemoveAll(filepath.Join(o.Out, "adapter")))
			o.Resume, o.OnEval, o.OnStep = true, nil, func(train.Step) error { t.Error("a step"); return nil }
			b, _ := newToy(t, 0)
			o.EvalSource = shifted() // of this engine
			trainer, err = train.New(b, o)
			require.NoError(t, err)
			report, err = trainer.FitSource(t.Context(), shifted())
			require.NoError(t, err)
			require.Equal(t, []any{train.Stopped, c.why}, []any{report.Ended, report.Why})
			sameRecord(t, want, readRecord(t, o.Out))
		})
	}
}

// at3 is a callback that returns an error at step 3.
func at3[T any](step func(T) int, err error) func(T) error {
	return func(x T) error {
		if step(x) == 3 {
			return err
		}
		return nil
	}
}

// A run that was never to be stopped leaves what it left before there was a way to stop it: no new keys.
func TestNoNewKeys(t *testing.T) {
	out := t.TempDir()
	o := stroll(out)
	a, _ := newToy(t, 0.3)
	trainer, err := train.New(a, o)
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.NoError(t, err)
	for file, want := range map[string][]string{
		"summary.json": {
			"best_step", "eval_accuracy", "eval_loss", "loss", "peak_rss_mib", "seconds", "steps", "tokens_per_s", "total", "trainable",
		},
		"checkpoints/step-8/checkpoint.json": {
			"best_evaluation", "busy_seconds", "evaluated", "files", "last_evaluation", "loss", "metrics_bytes", "run", "seconds",
			"sha256", "step", "tokens", "version",
		},
	} {
		raw, err := os.ReadFile(filepath.Join(out, file))
		require.NoError(t, err)
		var keys map[string]any
		require.NoError(t, json.Unmarshal(raw, &keys))
		for _, key := range want {
			require.Contains(t, keys, key, file)
		}
		require.Len(t, keys, len(want), file)
	}
	require.False(t, errors.Is(train.ErrStop, train.ErrOptions))
}
