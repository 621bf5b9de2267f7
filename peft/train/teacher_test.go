package train_test

import (
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/peft/train"
)

// newTeacher is a toy of other weights, on an engine of its own, that differ in one direction from the toy's: what a LoRA
// can learn.
func newTeacher(t *testing.T, by float32) *peft.Adapted {
	t.Helper()
	weight := slices.Clone(toyWeight)
	weight[1] = []float32{0 + by, 1 - by, 0}
	b, err := peft.NewBackbone(toy{new(int)}, peft.Tensors{"head.weight": tensors.FromValue(weight)}, golden.OpenEngine(t), seam.Origin{})
	require.NoError(t, err)
	return peft.New(b)
}

// distil is a run that learns a teacher's logits, with all that a checkpoint must hold.
func distil(t *testing.T, out string, teacher *peft.Adapted) train.Options {
	t.Helper()
	o := stroll(out)
	o.Loss = func(p *train.Pass) *graph.Node { return squares(p, p.Teacher("logits")) }
	o.Teacher, o.Steps, o.EvalSource = &train.Teacher{Adapted: teacher}, 8, shifted()
	return o
}

// A student learns its teacher's logits, whose backbone is on another engine and has other labels.
func TestTeacher(t *testing.T) {
	teacher := newTeacher(t, 2)
	o := distil(t, "", teacher)
	o.CheckpointEvery, o.Steps, o.Accumulate = 0, 300, 2
	a, trainer := own(t, o)
	first, err := trainer.EvaluateSource(t.Context(), shifted())
	require.NoError(t, err)
	require.InDelta(t, (4+4)*2./6, first.Loss, 1e-5) // of each class's row: the second logit differs by 2, -2 and 0
	report, err := trainer.FitSource(t.Context(), shifted())
	require.NoError(t, err)
	require.Less(t, report.Evaluation.Loss, 1e-3)
	in := peft.Tensors{"x": toyBatch(3, []int32{0, 1, 2}, []int32{0, 0, 0}).Tensors["x"]}
	got, err := a.Forward(t.Context(), a.All(), in)
	require.NoError(t, err)
	want := []float32{2, 2, -1, 0.5, -1, 0, 0, 0, 3} // of x 0, 1 and 2
	require.InDeltaSlice(t, want, flat(t, got["logits"]), 0.05)

	// A teacher for two classes does not see labels of three; given them, it says whose fault it is.
	two, err := models.LoadForClasses(textBERT(t), []string{"no", "yes"})
	require.NoError(t, err)
	bert := attach(t, textBERT(t))
	for _, names := range [][]string{nil, {"input_ids", "labels"}, {"input_ids", "pixels"}} {
		trainer, err := train.New(bert, train.Options{
			Steps: 1, Teacher: &train.Teacher{Adapted: peft.New(two), Inputs: names},
			Loss: func(p *train.Pass) *graph.Node {
				return graph.Add(p.Output("loss"), graph.ReduceAllMean(graph.Square(p.Teacher("logits"))))
			},
		})
		require.NoError(t, err)
		_, err = trainer.Fit(t.Context(), sentences(8))
		switch {
		case names == nil:
			require.NoError(t, err)
		case names[1] == "labels":
			require.ErrorIs(t, err, peft.ErrInput)
			require.ErrorContains(t, err, "teacher: labels")
		default:
			require.ErrorContains(t, err, "pixels: is missing in a batch: Options.Teacher.Inputs names it")
		}
	}
}

// A distillation that was stopped goes on to the same bytes and lines; with another teacher, or none, it is another run.
func TestResumeOwnLoss(t *testing.T) {
	run := func(o train.Options) error {
		_, trainer := own(t, o)
		_, err := trainer.FitSource(t.Context(), shifted())
		return err
	}
	whole := t.TempDir()
	require.NoError(t, run(distil(t, whole, newTeacher(t, 2))))
	want := readRecord(t, whole)
	for step := 1; step <= 8; step++ {
		o := distil(t, t.TempDir(), newTeacher(t, 2))
		o.OnStep = func(s train.Step) error {
			if s.Step == step {
				return errStop
			}
			return nil
		}
		require.ErrorIs(t, run(o), errStop)
		o.OnStep, o.Resume, o.EvalSource = nil, true, shifted()
		require.NoError(t, run(o))
		sameRecord(t, want, readRecord(t, o.Out))
	}
	o := distil(t, whole, newTeacher(t, 3))
	o.Resume = true
	for _, change := range []func(){
		func() {},
		func() { o.Teacher = nil },
		func() { o.Loss = nil },
	} {
		change()
		o.EvalSource = shifted()
		err := run(o)
		require.ErrorIs(t, err, train.ErrCheckpoint)
		require.ErrorContains(t, err, "other loss")
	}
}
