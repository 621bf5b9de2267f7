package train_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Five rows of the toy, worked out by hand: logits are the columns of toyWeight, and three of the answers are right. A
// sixth row fills the last batch up and counts for nothing.
func TestEvaluateByHand(t *testing.T) {
	a, _ := newToy(t, 0.5)
	trainer, err := train.New(a, train.Options{})
	require.NoError(t, err)
	got, err := trainer.EvaluateSource(t.Context(), batches{
		toyBatch(3, []int32{0, 1, 2}, []int32{0, 0, 2}),
		toyBatch(2, []int32{0, 1, 1}, []int32{2, 1, -100}),
	})
	require.NoError(t, err)
	// -log softmax of (2, 0, -1) at 0 and 2, of (0.5, 1, 0) at 0 and 1, of (0, 0, 3) at 2
	x0 := math.Log(math.Exp(2) + 1 + math.Exp(-1))
	x1 := math.Log(math.Exp(0.5) + math.E + 1)
	x2 := math.Log(2 + math.Exp(3))
	require.InDelta(t, ((x0-2)+(x1-0.5)+(x2-3)+(x0+1)+(x1-1))/5, got.Loss, 1e-6)
	require.Equal(t, map[string]float64{"accuracy": 3. / 5}, got.Metrics)
}

// Examples in filled-up batches weigh as they do one by one.
func TestEvaluateExamples(t *testing.T) {
	a := attach(t, textBERT(t))
	examples := sentences(5)
	trainer, err := train.New(a, train.Options{BatchSize: 3})
	require.NoError(t, err)
	got, err := trainer.Evaluate(t.Context(), examples)
	require.NoError(t, err)

	single, err := train.New(a, train.Options{BatchSize: 1})
	require.NoError(t, err)
	loss, right := 0.0, 0.0
	for _, ex := range examples {
		e, err := single.Evaluate(t.Context(), []data.Example{ex})
		require.NoError(t, err)
		loss += e.Loss / 5
		right += e.Metrics["accuracy"] / 5
	}
	require.InDelta(t, loss, got.Loss, 1e-6)
	require.InDelta(t, right, got.Metrics["accuracy"], 1e-12)

	_, err = trainer.Evaluate(t.Context(), nil)
	require.ErrorIs(t, err, data.ErrEmpty)
	unlabelled := toyBatch(1, []int32{0}, []int32{0})
	delete(unlabelled.Tensors, "labels")
	toy, _ := newToy(t, 0)
	trainer, err = train.New(toy, train.Options{})
	require.NoError(t, err)
	_, err = trainer.EvaluateSource(t.Context(), batches{unlabelled})
	require.ErrorIs(t, err, peft.ErrInput)
}

// Evaluated on the opposite of what it learns, a run is best at its first evaluation, and ends with the values of then.
func TestBest(t *testing.T) {
	const every = 2
	opposite := func() batches { return batches{toyBatch(3, []int32{0, 1, 2}, []int32{0, 1, 2})} }
	o := train.Options{Optimizer: optim.SGD{LR: 0.5}, Schedule: optim.Constant{}, Steps: every}
	first := fit(t, o, shifted())
	o.Steps = 7
	last := fit(t, o, shifted())
	require.NotEqual(t, first, last)

	for _, keepLast := range []bool{false, true} {
		o.KeepLast, o.EvalSource, o.EvalEvery = keepLast, opposite(), every
		var evaluations []train.Evaluation
		o.OnEval = func(e train.Evaluation) error { evaluations = append(evaluations, e); return nil }
		a, _ := newToy(t, 0)
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		report, err := trainer.FitSource(t.Context(), shifted())
		require.NoError(t, err)
		require.Len(t, evaluations, 4) // after 2, 4, 6 and the last
		for i, e := range evaluations {
			require.Equal(t, []int{2, 4, 6, 7}[i], e.Step)
			require.Equal(t, i == 0, e.Best)
			require.False(t, i > 0 && e.Loss <= evaluations[i-1].Loss, "the evaluation gets worse")
		}
		require.Equal(t, 7, report.Steps)
		if keepLast {
			require.Equal(t, last, values(t, a))
			require.Equal(t, 7, report.BestStep)
			require.Equal(t, evaluations[3].Loss, report.Evaluation.Loss)
			continue
		}
		require.Equal(t, first, values(t, a))
		require.Equal(t, every, report.BestStep)
		require.Equal(t, evaluations[0], *report.Evaluation)
		again, err := trainer.EvaluateSource(t.Context(), opposite())
		require.NoError(t, err)
		require.Equal(t, evaluations[0].Loss, again.Loss)
	}
}

// Without EvalEvery every epoch is evaluated, and the last step.
func TestEvaluateEpochs(t *testing.T) {
	a, _ := newToy(t, 0)
	var at []int
	trainer, err := train.New(a, train.Options{
		Steps: 7, EvalSource: shifted(), OnEval: func(e train.Evaluation) error { at = append(at, e.Step); return nil },
	})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.NoError(t, err)
	require.Equal(t, []int{3, 6, 7}, at)

	stop := errors.New("enough")
	trainer, err = train.New(a, train.Options{
		Steps: 7, EvalSource: shifted(), OnEval: func(train.Evaluation) error { return stop },
	})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.ErrorIs(t, err, stop)
}
