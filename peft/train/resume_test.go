package train_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/train"
)

// Stopped after any of its steps, by its context or by an error that leaves no time to save, a run ends with the same
// bytes and lines.
func TestResume(t *testing.T) {
	backbone := textBERT(t)
	want := undisturbed(t, backbone)
	for _, saves := range []bool{true, false} {
		for stop := 1; stop <= journeySteps; stop++ {
			t.Run(fmt.Sprintf("%t/%d", saves, stop), func(t *testing.T) {
				t.Parallel() // they wait for the disk
				resume(t, backbone, want, stop, saves)
			})
		}
	}
}

// resume stops a journey after a step and goes on with it.
func resume(t *testing.T, backbone string, want record, stop int, saves bool) {
	out, crash := t.TempDir(), errors.New("crash")
	o := journey(out)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.OnStep = func(s train.Step) error {
		if s.Step == stop && !saves {
			return crash
		}
		if s.Step == stop {
			cancel()
		}
		return nil
	}
	from := stop
	_, err := travel(ctx, t, backbone, o)
	if saves {
		require.ErrorIs(t, err, context.Canceled)
	} else {
		require.ErrorIs(t, err, crash)
		from = (stop - 1) / 4 * 4 // the error came before the checkpoint
	}
	require.NoDirExists(t, filepath.Join(out, "adapter"))

	o = journey(out)
	o.Resume = true
	var resumed *train.Resumed
	o.OnResume = func(r train.Resumed) error { resumed = &r; return nil }
	report, err := travel(t.Context(), t, backbone, o)
	require.NoError(t, err)
	require.Equal(t, &train.Resumed{Step: from}, resumed)
	require.Equal(t, journeySteps, report.Steps)
	got := readRecord(t, out)
	require.Equal(t, []float64{float64(from)}, got.resumed)
	sameRecord(t, want, got)
}

// A run that is over is gone on with, too: nothing is left to do but to write its results.
func TestResumeFinished(t *testing.T) {
	backbone := textBERT(t)
	want := undisturbed(t, backbone)
	out := t.TempDir()
	_, err := travel(t.Context(), t, backbone, journey(out))
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(filepath.Join(out, "adapter")))
	o := journey(out)
	o.Resume = true
	o.OnStep = func(train.Step) error { t.Error("a step"); return nil }
	_, err = travel(t.Context(), t, backbone, o)
	require.NoError(t, err)
	got := readRecord(t, out)
	require.Equal(t, []float64{journeySteps}, got.resumed)
	sameRecord(t, want, got)
}

// Without a checkpoint Resume begins anew and says so; Overwrite begins anew whatever is there.
func TestResumeNothing(t *testing.T) {
	backbone := textBERT(t)
	want := undisturbed(t, backbone)
	out := t.TempDir()
	for _, resume := range []bool{true, false} {
		o := journey(out)
		o.Resume, o.Overwrite = resume, true
		_, err := travel(t.Context(), t, backbone, o)
		require.NoError(t, err)
		got := readRecord(t, out)
		sameRecord(t, want, got)
		if resume {
			require.Equal(t, []float64{0}, got.resumed)
		} else {
			require.Empty(t, got.resumed)
		}
	}
	// A run that breaks off before its first step leaves all of it.
	o := journey(out)
	o.Overwrite = true
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := travel(ctx, t, backbone, o)
	require.ErrorIs(t, err, context.Canceled)
	sameRecord(t, want, readRecord(t, out))
	o.Resume = true
	o.OnStep = func(train.Step) error { t.Error("a step"); return nil }
	_, err = travel(t.Context(), t, backbone, o)
	require.NoError(t, err)
	// One that begins and breaks off leaves the adapter, and nothing to go on from.
	o = journey(out)
	o.Overwrite = true
	crash := errors.New("crash")
	o.OnStep = func(train.Step) error { return crash }
	_, err = travel(t.Context(), t, backbone, o)
	require.ErrorIs(t, err, crash)
	require.FileExists(t, filepath.Join(out, "adapter", "adapter_model.safetensors"))
	require.Empty(t, stepsIn(t, out))
}

// stepsIn lists the checkpoints.
func stepsIn(t testing.TB, out string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(out, "checkpoints"))
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(t, err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// A checkpoint is an adapter of its own; the last ones are kept.
func TestKeepCheckpoints(t *testing.T) {
	backbone := textBERT(t)
	for keep, want := range map[int][]string{0: {"step-10", "step-8"}, 1: {"step-10"}, 3: {"step-10", "step-6", "step-8"}} {
		out := t.TempDir()
		o := journey(out)
		o.CheckpointEvery, o.KeepCheckpoints = 2, keep
		a := attach(t, backbone)
		seen := map[int]map[string][]float32{}
		o.OnStep = func(s train.Step) error { seen[s.Step-1] = values(t, a); return nil }
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		_, err = trainer.Fit(t.Context(), sentences(11))
		require.NoError(t, err)
		require.Equal(t, want, stepsIn(t, out))
		saved, err := peft.Load(a.Backbone(), filepath.Join(out, "checkpoints", "step-8"))
		if keep == 1 {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, seen[8], values(t, saved))
	}
}

// Another run is refused while one is at work in the folder, and welcome when it is over.
func TestLock(t *testing.T) {
	a, _ := newToy(t, 0)
	b, _ := newToy(t, 0)
	out := t.TempDir()
	second, err := train.New(b, train.Options{Out: out, Steps: 1, Overwrite: true})
	require.NoError(t, err)
	tried := false
	first, err := train.New(a, train.Options{Out: out, Steps: 1, OnStep: func(train.Step) error {
		_, err := second.FitSource(t.Context(), shifted())
		require.ErrorIs(t, err, train.ErrBusy)
		require.ErrorContains(t, err, out)
		tried = true
		return nil
	}})
	require.NoError(t, err)
	_, err = first.FitSource(t.Context(), shifted())
	require.NoError(t, err)
	require.True(t, tried)
	_, err = second.FitSource(t.Context(), shifted())
	require.NoError(t, err)
}

// In one process a stopped Fit goes on with the adapter that it left, and another process with a fresh one, which has
// the checkpoint's values as soon as it is resumed.
func TestResumeInProcess(t *testing.T) {
	backbone := textBERT(t)
	want := undisturbed(t, backbone)
	out := t.TempDir()
	first := attach(t, backbone)
	for _, part := range []struct {
		adapted *peft.Adapted
		stop    int
	}{{first, 5}, {first, 8}, {attach(t, backbone), journeySteps + 1}} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		o := journey(out)
		o.Resume = part.stop > 5
		o.OnStep = func(s train.Step) error {
			if s.Step == part.stop {
				cancel()
			}
			return nil
		}
		o.OnResume = func(r train.Resumed) error {
			saved, err := peft.Load(first.Backbone(), filepath.Join(out, "checkpoints", fmt.Sprintf("step-%d", r.Step)))
			require.NoError(t, err)
			require.Equal(t, values(t, saved), values(t, part.adapted))
			return nil
		}
		trainer, err := train.New(part.adapted, o)
		require.NoError(t, err)
		if _, err = trainer.Fit(ctx, sentences(11)); part.stop > journeySteps {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, context.Canceled)
		}
	}
	sameRecord(t, want, readRecord(t, out))
}
