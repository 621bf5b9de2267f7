package train_test

import (
	"errors"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/train"
)

// Two losses on one backbone share no program, whatever the order; two runs of one trainer do.
func TestOwnProgram(t *testing.T) {
	a, built := newToy(t, 0)
	const one, other = 3., 5.
	constant := func(v float64) *train.Trainer {
		trainer, err := train.New(a, train.Options{
			Steps: 1, Optimizer: optim.SGD{LR: optim.Zero},
			Loss: func(p *train.Pass) *graph.Node {
				return graph.AddScalar(graph.MulScalar(graph.ReduceAllSum(p.Output("logits")), 0), v)
			},
		})
		require.NoError(t, err)
		return trainer
	}
	first, second := constant(one), constant(other)
	for range 2 {
		for trainer, want := range map[*train.Trainer]float64{first: one, second: other} {
			e, err := trainer.EvaluateSource(t.Context(), shifted())
			require.NoError(t, err)
			require.InDelta(t, want, e.Loss, 1e-6)
			report, err := trainer.FitSource(t.Context(), shifted())
			require.NoError(t, err)
			require.InDelta(t, want, report.Loss, 1e-6)
		}
	}
	require.Equal(t, 2*2, *built)
}

// What is wrong with a loss is an error of Fit and Evaluate that says so; the adapter stays, and is free for the next.
func TestBadLoss(t *testing.T) {
	a, _ := newToy(t, 0)
	before := values(t, a)
	oops := errors.New("oops")
	for says, o := range map[string]train.Options{
		`asks for the output of the backbone "logit", and there are logits, loss`: {Loss: func(p *train.Pass) *graph.Node { return p.Output("logit") }},
		`asks for the output of the backbone "hidden", and there are logits`:      {Loss: func(p *train.Pass) *graph.Node { return p.Bare("hidden") }},
		`asks for the output of the teacher "logits", and there are none`:         {Loss: func(p *train.Pass) *graph.Node { return p.Teacher("logits") }},
		`asks for the tensor of the batch "weights", and there are labels, x`:     {Loss: func(p *train.Pass) *graph.Node { return p.Input("weights") }},
		"Loss: gave nothing":                  {Loss: func(*train.Pass) *graph.Node { return nil }},
		"Loss: gave (Float32)[2, 3]":          {Loss: func(p *train.Pass) *graph.Node { return p.Output("logits") }},
		"MeanRows wants one value":            {Loss: func(p *train.Pass) *graph.Node { return p.MeanRows(p.Output("logits")) }},
		"oops":                                {Loss: func(*train.Pass) *graph.Node { panic(oops) }},
		"weights: is missing":                 {Loss: func(p *train.Pass) *graph.Node { return p.Output("loss") }, LossInputs: []string{"weights"}},
		"the loss is NaN":                     {Loss: func(p *train.Pass) *graph.Node { return graph.Log(graph.MulScalar(p.Output("loss"), -1)) }},
		"teacher: adapter: there is no \"b\"": {Loss: func(p *train.Pass) *graph.Node { return p.Teacher("logits") }, Teacher: &train.Teacher{Adapted: a, Selection: peft.Use("b")}},
	} {
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), shifted())
		require.ErrorContains(t, err, says)
		require.Equal(t, before, values(t, a))
		if says != "the loss is NaN" {
			_, err = trainer.EvaluateSource(t.Context(), shifted())
			require.ErrorContains(t, err, says)
		}
		if says == "oops" {
			require.ErrorIs(t, err, oops)
		}
	}
	some := func(p *train.Pass) *graph.Node { return p.Output("loss") }
	for says, o := range map[string]train.Options{
		"Teacher: is for a Loss":                       {Teacher: &train.Teacher{Adapted: a}},
		"Teacher.Adapted: is nil":                      {Loss: some, Teacher: &train.Teacher{}},
		"LossInputs: are for a Loss":                   {LossInputs: []string{"x"}},
		`LossInputs: "x" is empty or stands there twi`: {Loss: some, LossInputs: []string{"x", "x"}},
	} {
		_, err := train.New(a, o)
		require.ErrorIs(t, err, train.ErrOptions)
		require.ErrorContains(t, err, says)
	}
}
