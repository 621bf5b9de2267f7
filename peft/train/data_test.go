package train_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// listener is a tokenizer that notes what it reads.
type listener struct {
	tokenizer.Tokenizer
	heard *[]string
}

func (l listener) Encode(text string, o *tokenizer.Options) (*tokenizer.Encoding, error) {
	if text != "" { // which is asked for the number of special tokens
		*l.heard = append(*l.heard, text)
	}
	return l.Tokenizer.Encode(text, o)
}

// Each epoch goes through the examples in the order of its seed and number.
func TestShuffle(t *testing.T) {
	dir := textBERT(t)
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	examples := sentences(12)
	train7 := func(seed uint64) (heard []string, seen []float64) {
		trainer, err := train.New(attach(t, dir), train.Options{
			Epochs: 2, BatchSize: 4, Seed: seed, Tokenizer: listener{tok, &heard}, OnStep: losses(&seen),
		})
		require.NoError(t, err)
		_, err = trainer.Fit(t.Context(), examples)
		require.NoError(t, err)
		return heard, seen
	}
	heard, seen := train7(7)
	var want []string
	for epoch := range 2 {
		for _, i := range seeded.Order(len(examples), 7, epoch) {
			want = append(want, examples[i].Text)
		}
	}
	require.Equal(t, want, heard)

	again, same := train7(7)
	require.Equal(t, heard, again)
	require.Equal(t, seen, same, "a run is repeatable to the bit, dropout included")
	_, other := train7(8)
	require.NotEqual(t, seen, other)
}

// The seed moves dropout, too, where there is nothing to shuffle.
func TestDropoutFollowsSeed(t *testing.T) {
	run := func(seed uint64) (out []float64) {
		a, _ := newToy(t, 0.5)
		trainer, err := train.New(a, train.Options{
			Optimizer: optim.AdamW{LR: 0.1}, Steps: 6, Seed: seed, OnStep: losses(&out),
		})
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), shifted())
		require.NoError(t, err)
		return out
	}
	require.Equal(t, run(1), run(1))
	require.NotEqual(t, run(1), run(2))
}

// What does not fit is refused with its place before anything is trained.
func TestBadData(t *testing.T) {
	golden.OnGo(t)
	dir := textBERT(t)
	a := attach(t, dir)
	before := values(t, a)
	fine := sentences(3)
	for name, c := range map[string]struct {
		options  train.Options
		examples []data.Example
		is       error
		says     string
	}{
		"empty":         {train.Options{}, nil, data.ErrEmpty, "no examples"},
		"label":         {train.Options{}, append(slices.Clone(fine), data.Example{Text: "d", Label: data.IntegerLabel(3)}), data.ErrLabel, "example 3"},
		"eval label":    {train.Options{Eval: []data.Example{{Text: "d", Label: data.WordLabel("x")}}}, fine, data.ErrLabel, "evaluation data: example 0"},
		"too long":      {train.Options{MaxLength: 41}, fine, train.ErrOptions, "MaxLength: 41 is more than the backbone has positions for (40)"},
		"wrong labels":  {train.Options{Task: train.Classification("x", "y")}, fine, data.ErrLabel, "outside 0..1"},
		"no eval batch": {train.Options{EvalSource: batches{}}, fine, data.ErrEmpty, "no examples"},
	} {
		t.Run(name, func(t *testing.T) {
			c.options.Optimizer = optim.SGD{LR: optim.Zero} // for the case that trains before it evaluates
			trainer, err := train.New(a, c.options)
			require.NoError(t, err)
			_, err = trainer.Fit(t.Context(), c.examples)
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, before, values(t, a))
		})
	}
	number, err := models.LoadForClasses(dir, []string{"y"})
	require.NoError(t, err)
	one, err := peft.Attach(number, "a", &lora.Config{R: 2, Targets: peft.Match("query"), Common: peft.Common{TaskType: "SEQ_CLS"}})
	require.NoError(t, err)
	trainer, err := train.New(one, train.Options{Task: train.Regression()})
	require.NoError(t, err)
	_, err = trainer.Fit(t.Context(), []data.Example{{Text: "a", Label: data.WordLabel("x")}})
	require.ErrorIs(t, err, data.ErrLabel)
	require.ErrorContains(t, err, "want a number")
	for _, task := range []train.Task{train.Regression(), train.Writing(), train.Continuing()} { // not for a head of three classes
		_, err = train.New(a, train.Options{Task: task})
		require.ErrorIs(t, err, train.ErrOptions)
		require.ErrorContains(t, err, "Task: ")
	}
	_, err = train.TaskFor(peft.Info{})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	task, err := train.TaskFor(peft.Info{Head: "masked-lm"})
	require.NoError(t, err)
	require.ErrorIs(t, task.Loader(&data.Options{}), peft.ErrUnsupported)
}
