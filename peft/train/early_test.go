package train_test

import (
	"iter"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// scripted gives another batch for each evaluation. On a toy that does not learn their losses are known.
type scripted struct {
	at      *int
	batches []data.Batch
}

func (s scripted) NumBatches() int { return 1 }

func (s scripted) Epoch(int, int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		b := s.batches[*s.at%len(s.batches)]
		*s.at++
		yield(b, nil)
	}
}

// losing scripts evaluations with the losses 3.2 ('c'), 2.2 ('b') and 0.2 ('a'), -log softmax of (2, 0, -1), of which
// only 'a' is right.
func losing(script string) scripted {
	s := scripted{at: new(int)}
	for _, c := range script {
		s.batches = append(s.batches, toyBatch(1, []int32{0}, []int32{c - 'a'}))
	}
	return s
}

// A run ends with the evaluation that uses up the patience. An evaluation counts as better where it beats the last that
// did by more than MinDelta.
func TestPatience(t *testing.T) {
	for name, c := range map[string]struct {
		stop   train.EarlyStopping
		script string
		step   int // that ends the run, of 8
		best   int
	}{
		"the default is 1":            {train.EarlyStopping{}, "cbbaaaaa", 3, 2},
		"never":                       {train.EarlyStopping{Patience: 7}, "abbbbbbb", 8, 1},
		"patience":                    {train.EarlyStopping{Patience: 3}, "cbbbaccc", 8, 5},
		"used up":                     {train.EarlyStopping{Patience: 3}, "cbbbbaaa", 5, 2},
		"begins again":                {train.EarlyStopping{Patience: 2}, "cccbccaa", 3, 1},
		"too little":                  {train.EarlyStopping{Patience: 2, MinDelta: 1.5}, "cbbaaaaa", 3, 2},
		"enough":                      {train.EarlyStopping{Patience: 2, MinDelta: 0.5}, "cbbaaaaa", 6, 4},
		"little by little":            {train.EarlyStopping{Patience: 3, MinDelta: 2.5}, "cbaaaaaa", 6, 3},
		"more is better":              {train.EarlyStopping{Patience: 2, Metric: "eval_accuracy"}, "cbcaaaaa", 3, 2},
		"without the prefix":          {train.EarlyStopping{Patience: 3, Metric: "accuracy"}, "cbcaaaaa", 7, 4},
		"the loss, whatever the task": {train.EarlyStopping{Patience: 2, Metric: "eval_loss"}, "cbcaaaaa", 6, 4},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := newToy(t, 0)
			trainer, err := train.New(a, train.Options{
				Optimizer: optim.SGD{LR: optim.Zero}, Steps: 8, EvalEvery: 1, EvalSource: losing(c.script), EarlyStopping: &c.stop,
			})
			require.NoError(t, err)
			report, err := trainer.FitSource(t.Context(), shifted())
			require.NoError(t, err)
			require.Equal(t, []int{c.step, c.best}, []int{report.Steps, report.BestStep})
			if c.step == 8 {
				require.Equal(t, train.Completed, report.Ended)
				require.Empty(t, report.Why)
			} else {
				require.Equal(t, train.EarlyStopped, report.Ended)
				require.Contains(t, report.Why, "has not got better")
			}
		})
	}
}

// Learning the opposite of what it is evaluated on, a run is stopped early, and the best values stand, or with KeepLast
// the last ones. Stopped on its way and gone on with, it ends the same; gone on with afterwards, it is over.
func TestEarlyStopping(t *testing.T) {
	o := train.Options{Optimizer: optim.SGD{LR: 0.5}, Schedule: optim.Constant{}, Steps: 2, Seed: 1}
	best := fit(t, o, shifted())
	o.Steps = 6
	last := fit(t, o, shifted())
	o.Steps, o.EvalEvery, o.CheckpointEvery = 9, 2, 2
	o.EarlyStopping = &train.EarlyStopping{Patience: 2}
	run := func(o train.Options) (map[string][]float32, *train.Report, error) {
		a, _ := newToy(t, 0)
		o.EvalSource = batches{toyBatch(3, []int32{0, 1, 2}, []int32{0, 1, 2})}
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		report, err := trainer.FitSource(t.Context(), shifted())
		return values(t, a), report, err
	}
	for _, keepLast := range []bool{false, true} {
		o := o
		o.KeepLast, o.Out = keepLast, t.TempDir()
		got, report, err := run(o)
		require.NoError(t, err)
		require.Equal(t, train.EarlyStopped, report.Ended)
		require.Equal(t, 6, report.Steps)
		if keepLast {
			require.Equal(t, last, got)
		} else {
			require.Equal(t, best, got)
		}
		want := readRecord(t, o.Out)
		require.Equal(t, "early stopping", want.summary["ended"])
		require.Regexp(t, `^eval_loss has not got better than \S+ for 2 evaluations$`, want.summary["why"])

		o.Resume, o.OnStep = true, func(train.Step) error { t.Error("a step"); return nil }
		_, again, err := run(o)
		require.NoError(t, err)
		require.Equal(t, []any{report.Ended, report.Why, report.Steps}, []any{again.Ended, again.Why, again.Steps})
		sameRecord(t, want, readRecord(t, o.Out))

		for step := 1; step <= 6; step++ {
			o.Out, o.Resume = t.TempDir(), false
			o.OnStep = func(s train.Step) error {
				if s.Step == step {
					return errStop
				}
				return nil
			}
			_, _, err := run(o)
			require.ErrorIs(t, err, errStop)
			o.Resume, o.OnStep = true, nil
			_, _, err = run(o)
			require.NoError(t, err)
			sameRecord(t, want, readRecord(t, o.Out))
		}
	}
	// Other patience is another run.
	o.Out = t.TempDir()
	_, _, err := run(o)
	require.NoError(t, err)
	o.Resume, o.EarlyStopping = true, &train.EarlyStopping{Patience: 3}
	_, _, err = run(o)
	require.ErrorIs(t, err, train.ErrCheckpoint)
	require.ErrorContains(t, err, "early stopping (2 0 eval_loss then, 3 0 eval_loss now)")
}

// What can't be watched is refused by name.
func TestBadEarlyStopping(t *testing.T) {
	a, _ := newToy(t, 0)
	for says, o := range map[string]train.Options{
		"EarlyStopping: needs Eval":                                       {EarlyStopping: &train.EarlyStopping{}},
		"EarlyStopping.Patience: must not be negative":                    {EarlyStopping: &train.EarlyStopping{Patience: -1}, EvalSource: shifted()},
		"EarlyStopping.MinDelta: must be a number":                        {EarlyStopping: &train.EarlyStopping{MinDelta: math.NaN()}, EvalSource: shifted()},
		"EarlyStopping.MinDelta: must be a number of at":                  {EarlyStopping: &train.EarlyStopping{MinDelta: -1}, EvalSource: shifted()},
		`"eval_f1" is none of what is measured: eval_loss, eval_accuracy`: {EarlyStopping: &train.EarlyStopping{Metric: "f1"}, EvalSource: shifted()},
	} {
		trainer, err := train.New(a, o)
		if err == nil {
			_, err = trainer.FitSource(t.Context(), shifted())
		}
		require.ErrorIs(t, err, train.ErrOptions, says)
		require.ErrorContains(t, err, says)
	}
}

// What is watched decides which evaluation is best; without EarlyStopping that is the task's first metric.
func TestWatchedIsBest(t *testing.T) {
	// Half of the first are right, at a loss of (0.2 + 3.1) / 2; none of the second, at a loss of (1.7 + 1.2) / 2.
	evaluations := []data.Batch{toyBatch(2, []int32{0, 2}, []int32{0, 0}), toyBatch(2, []int32{1, 1}, []int32{2, 0})}
	for best, stop := range map[int][]*train.EarlyStopping{
		1: {nil, {Metric: "eval_accuracy", Patience: 2}},
		2: {{Patience: 2}},
	} {
		for _, e := range stop {
			a, _ := newToy(t, 0)
			var src scripted
			for _, b := range evaluations { // of this engine
				src.batches = append(src.batches, data.Batch{Rows: b.Rows, Tensors: peft.Tensors{}})
				for name, v := range b.Tensors {
					clone, err := v.LocalClone()
					require.NoError(t, err)
					src.batches[len(src.batches)-1].Tensors[name] = clone
				}
			}
			src.at = new(int)
			trainer, err := train.New(a, train.Options{
				Optimizer: optim.SGD{LR: optim.Zero}, Steps: 2, EvalEvery: 1, EvalSource: src, EarlyStopping: e,
			})
			require.NoError(t, err)
			report, err := trainer.FitSource(t.Context(), shifted())
			require.NoError(t, err)
			require.Equal(t, best, report.BestStep, "%+v", e)
		}
	}
}
