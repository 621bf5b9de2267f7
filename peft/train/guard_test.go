package train_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// While one Fit trains an adapter a second one is refused, be its Trainer the same or another on the same Adapted; another
// adapter may be trained. When the first is over, however it ended, the second may go.
func TestTwoTrainers(t *testing.T) {
	a, _ := newToy(t, 0)
	cfg := mustAdapter(t, a).Config()
	require.NoError(t, a.Attach("b", cfg))
	trainer := func(name string, onStep func(train.Step) error) *train.Trainer {
		trainer, err := train.New(a, train.Options{Adapter: name, Steps: 1, OnStep: onStep})
		require.NoError(t, err)
		return trainer
	}
	second, other := trainer("a", nil), trainer("b", nil)
	crash := errors.New("crash")
	for name, end := range map[string]func() error{
		"fine":  func() error { return nil },
		"error": func() error { return crash },
		"panic": func() error { panic(crash) },
		"stop":  func() error { return train.ErrStop },
	} {
		tried := false
		var first *train.Trainer
		first = trainer("a", func(train.Step) error {
			if tried { // were it not refused
				return end()
			}
			tried = true
			for _, busy := range []*train.Trainer{first, second} {
				_, err := busy.FitSource(t.Context(), shifted())
				require.ErrorIs(t, err, train.ErrBusy)
				require.ErrorContains(t, err, `"a" is being trained already`)
			}
			_, err := other.FitSource(t.Context(), batches{toyBatch(1, []int32{0}, []int32{1})})
			require.NoError(t, err)
			_, err = second.EvaluateSource(t.Context(), batches{toyBatch(1, []int32{0}, []int32{1})})
			require.NoError(t, err, "it may be used meanwhile")
			return end()
		})
		var err error
		fit := func() { _, err = first.FitSource(t.Context(), batches{toyBatch(1, []int32{0}, []int32{1})}) }
		switch name {
		case "panic":
			require.PanicsWithValue(t, crash, fit)
		case "error":
			fit()
			require.ErrorIs(t, err, crash)
		default:
			fit()
			require.NoError(t, err)
		}
		require.True(t, tried)
		_, err = second.FitSource(t.Context(), shifted())
		require.NoError(t, err, name)
	}
}

// A panic of a callback leaves the run's folder free, too.
func TestPanicUnlocks(t *testing.T) {
	a, _ := newToy(t, 0)
	o := stroll(t.TempDir())
	o.OnStep = func(train.Step) error { panic("oops") }
	trainer, err := train.New(a, o)
	require.NoError(t, err)
	require.Panics(t, func() { _, _ = trainer.FitSource(t.Context(), shifted()) })
	_, err = resumeToy(t, stroll(o.Out))
	require.NoError(t, err)
}

// A folder that holds a run, or an adapter, is refused with its name and what is there, and stays as it is. With Overwrite
// a new run replaces it.
func TestOccupied(t *testing.T) {
	finished, interrupted, adapter, empty := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	run := func(o train.Options) error {
		a, _ := newToy(t, 0.3)
		o.EvalSource = shifted()
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), shifted())
		return err
	}
	require.NoError(t, run(stroll(finished)))
	want := readRecord(t, finished)
	stopAt(t, stroll(interrupted), 5)
	a, _ := newToy(t, 0.3)
	require.NoError(t, a.Save(filepath.Join(adapter, "adapter")))
	require.NoError(t, os.WriteFile(filepath.Join(empty, "notes.txt"), nil, 0o644)) // none of ours
	for out, says := range map[string]string{
		finished: "there is a finished run (summary.json, metrics.jsonl, adapter/adapter_config.json, " +
			"adapter/adapter_model.safetensors, checkpoints up to step 8)",
		interrupted: "there is an interrupted run (metrics.jsonl, checkpoints up to step 5)",
		adapter:     "there is an adapter (adapter/adapter_config.json, adapter/adapter_model.safetensors)",
	} {
		before := tree(t, out)
		err := run(stroll(out))
		require.ErrorIs(t, err, train.ErrOccupied)
		require.ErrorContains(t, err, out+": "+says)
		after := tree(t, out)
		delete(after, ".lock")
		delete(before, ".lock")
		require.Equal(t, before, after)

		o := stroll(out)
		o.Overwrite = true
		require.NoError(t, run(o))
		sameRecord(t, want, readRecord(t, out))
	}
	require.NoError(t, run(stroll(empty)))

	// With both, Resume goes on with what is there.
	stopAt(t, func() train.Options { o := stroll(interrupted); o.Overwrite = true; return o }(), 5)
	o := stroll(interrupted)
	o.Overwrite = true
	from, err := resumeToy(t, o)
	require.NoError(t, err)
	require.Equal(t, 5, from.Step)
	_, err = train.New(a, train.Options{Overwrite: true})
	require.ErrorContains(t, err, "Overwrite")
}

// What is nil or empty is an error, never a panic.
func TestNothing(t *testing.T) {
	a, _ := newToy(t, 0)
	for _, nothing := range []*peft.Adapted{nil, new(peft.Adapted)} {
		_, err := train.New(nothing, train.Options{})
		require.ErrorIs(t, err, peft.ErrInput)
	}
	trainer, err := train.New(a, train.Options{})
	require.NoError(t, err)
	var none context.Context
	for _, c := range []struct {
		says string
		call func() error
	}{
		{"ctx: is nil", func() error { _, err := trainer.FitSource(none, shifted()); return err }},
		{"ctx: is nil", func() error { _, err := trainer.Fit(none, nil); return err }},
		{"ctx: is nil", func() error { _, err := trainer.EvaluateSource(none, shifted()); return err }},
		{"ctx: is nil", func() error { _, err := trainer.Evaluate(none, nil); return err }},
		{"src: there are no batches to train on", func() error { _, err := trainer.FitSource(t.Context(), nil); return err }},
		{"src: there are no batches to evaluate", func() error { _, err := trainer.EvaluateSource(t.Context(), nil); return err }},
		{"is none that New made", func() error { _, err := new(train.Trainer).FitSource(t.Context(), shifted()); return err }},
	} {
		err := c.call()
		require.ErrorIs(t, err, peft.ErrInput)
		require.ErrorContains(t, err, c.says)
	}
	_, err = trainer.FitSource(t.Context(), batches{})
	require.ErrorIs(t, err, data.ErrEmpty)
	trainer, err = train.New(a, train.Options{EvalSource: batches{}})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.ErrorIs(t, err, data.ErrEmpty)
	require.ErrorContains(t, err, "evaluation data")
	// An adapter that was deleted meanwhile.
	require.NoError(t, a.Delete("a"))
	_, err = trainer.FitSource(t.Context(), shifted())
	require.ErrorIs(t, err, peft.ErrAdapter)
}
