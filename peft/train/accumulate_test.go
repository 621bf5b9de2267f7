package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// A step is an update, as transformers counts it: callbacks, records, evaluations, checkpoints and the report count
// steps of three batches each, a step's loss is the mean of its batches' and its tokens are all of theirs.
func TestStepsAreUpdates(t *testing.T) {
	out := t.TempDir()
	a, _ := newToy(t, 0)
	var steps []train.Step
	var evaluated []int
	o := train.Options{
		Optimizer: optim.AdamW{LR: 1e-2}, Accumulate: 3, Epochs: 4, EvalSource: shifted(), EvalEvery: 3, Out: out,
		CheckpointEvery: 2, KeepCheckpoints: 9,
		OnStep: func(s train.Step) error { steps = append(steps, s); return nil },
		OnEval: func(e train.Evaluation) error { evaluated = append(evaluated, e.Step); return nil },
	}
	trainer, err := train.New(a, o)
	require.NoError(t, err)
	report, err := trainer.FitSource(t.Context(), shifted())
	require.NoError(t, err)
	require.Equal(t, 4, report.Steps)
	require.Equal(t, 4, report.BestStep)
	require.Equal(t, train.Completed, report.Ended)
	require.Equal(t, []int{3, 4}, evaluated)
	require.Equal(t, []string{"step-2", "step-4"}, stepsIn(t, out))
	require.Len(t, steps, 4)
	for i, s := range steps {
		require.Equal(t, []int{i + 1, i, 4}, []int{s.Step, s.Epoch, s.Total})
	}
	// -log softmax of the logits (2, 0, -1), (0.5, 1, 0) and (0, 0, 3) at the classes that shifted asks for
	x0 := math.Log(math.Exp(2) + 1 + math.Exp(-1))
	x1 := math.Log(math.Exp(0.5) + math.E + 1)
	x2 := math.Log(2 + math.Exp(3))
	batches := []float64{(x0 - 0 + x1 - 0) / 2, (x2 - 0 + x0 - 0) / 2, (x1 - 0 + x2 - 0) / 2}
	require.InDelta(t, (batches[0]+batches[1]+batches[2])/3, steps[0].Loss, 1e-6)

	lines := readRecord(t, out).lines
	require.Len(t, lines, 4+2)
	raw, err := os.ReadFile(filepath.Join(out, "checkpoints", "step-2", "checkpoint.json"))
	require.NoError(t, err)
	var saved struct{ Step, Tokens int }
	require.NoError(t, json.Unmarshal(raw, &saved))
	require.Equal(t, 2, saved.Step)
	require.Equal(t, 2*3*2, saved.Tokens) // steps of batches of rows of one token
}

// Without EvalEvery the first step to end at or behind an epoch's end is evaluated.
func TestEvaluateEpochsOfGroups(t *testing.T) {
	for accumulate, want := range map[int][]int{1: {3, 6, 7}, 2: {2, 3, 5, 6, 7}, 4: {1, 2, 3, 4, 5, 6, 7}} {
		a, _ := newToy(t, 0)
		var at []int
		trainer, err := train.New(a, train.Options{
			Steps: 7, Accumulate: accumulate, EvalSource: shifted(),
			OnEval: func(e train.Evaluation) error { at = append(at, e.Step); return nil },
		})
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), shifted())
		require.NoError(t, err)
		require.Equal(t, want, at, "accumulate %d", accumulate)
	}
}

// interrupted is a source that does something before it gives its n-th batch of a run.
type interrupted struct {
	batches
	n  *int
	do func() error
}

func (s interrupted) Epoch(epoch, from int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		for b, err := range s.batches.Epoch(epoch, from) {
			if *s.n--; *s.n == 0 {
				err = s.do()
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}

// Stopped before any of its batches, inside of a step or between two, a run leaves the values after its last whole step
// and goes on from there to the same bytes and lines.
func TestResumeInsideStep(t *testing.T) {
	o := func(out string) train.Options {
		o := stroll(out)
		o.Accumulate, o.Steps, o.CheckpointEvery = 4, 5, 3
		return o
	}
	run := func(ctx context.Context, o train.Options, src data.Source) (map[string][]float32, error) {
		a, _ := newToy(t, 0.3)
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		_, err = trainer.FitSource(ctx, src)
		return values(t, a), err
	}
	whole := t.TempDir()
	_, err := run(t.Context(), o(whole), shifted())
	require.NoError(t, err)
	want := readRecord(t, whole)
	after := map[int]map[string][]float32{}
	for step := range 5 { // values after so many whole steps
		a, _ := newToy(t, 0.3)
		if after[step] = values(t, a); step > 0 {
			options := o("")
			options.CheckpointEvery, options.EvalSource = 0, nil
			options.OnStep = func(s train.Step) error {
				if s.Step == step {
					return train.ErrStop
				}
				return nil
			}
			after[step], err = run(t.Context(), options, shifted())
			require.NoError(t, err)
		}
	}
	broken := errors.New("broken")
	for _, breaks := range []bool{false, true} {
		for batch := 1; batch <= 4*5; batch++ {
			t.Run(fmt.Sprintf("%t/%d", breaks, batch), func(t *testing.T) {
				out, n := t.TempDir(), 1+batch // the first is looked at for the identity of the run, too
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				got, err := run(ctx, o(out), interrupted{shifted(), &n, func() error {
					if breaks {
						return broken
					}
					cancel()
					return nil
				}})
				step := (batch - 1) / 4
				from := step
				if breaks {
					require.ErrorIs(t, err, broken)
					from = step / 3 * 3
				} else {
					require.ErrorIs(t, err, context.Canceled)
				}
				require.Equal(t, after[step], got)

				options := o(out)
				options.Resume = true
				var resumed train.Resumed
				options.OnResume = func(r train.Resumed) error { resumed = r; return nil }
				_, err = run(t.Context(), options, shifted())
				require.NoError(t, err)
				require.Equal(t, from, resumed.Step)
				sameRecord(t, want, readRecord(t, out))
			})
		}
	}
}

// Groups of another size are another run.
func TestOtherAccumulation(t *testing.T) {
	out := t.TempDir()
	o := stroll(out)
	o.Accumulate = 2
	stopAt(t, o, 5)
	o.Accumulate = 3
	_, err := resumeToy(t, o)
	refused(t, err, out, "batches of a step (2 then, 3 now)")
}
