package train_test

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// own is a trainer of a fresh toy with a loss.
func own(t *testing.T, o train.Options) (*peft.Adapted, *train.Trainer) {
	t.Helper()
	a, _ := newToy(t, 0)
	trainer, err := train.New(a, o)
	require.NoError(t, err)
	return a, trainer
}

// squares is the mean over rows of the logits' squared distance from other logits.
func squares(p *train.Pass, other *graph.Node) *graph.Node {
	return p.MeanRows(graph.ReduceSum(graph.Square(graph.Sub(p.Output("logits"), other)), -1))
}

// The backbone's own loss, given as an own one, trains to the same values, by single batches and by groups.
func TestOwnLossIsAnyLoss(t *testing.T) {
	for _, accumulate := range []int{1, 2} {
		o := train.Options{Optimizer: optim.AdamW{LR: 0.05}, Steps: 5, Accumulate: accumulate, EvalSource: shifted()}
		want := fit(t, o, shifted())
		o.EvalSource, o.Loss = shifted(), func(p *train.Pass) *graph.Node { return p.Output("loss") }
		got := fit(t, o, shifted())
		for key := range want {
			require.InDeltaSlice(t, want[key], got[key], 1e-6, key)
		}
	}
}

// An evaluation measures the own loss, by hand: squares of toyWeight's columns, weighted. Rows that fill a batch up
// count for nothing, and metrics are still those of the task.
func TestOwnLossByHand(t *testing.T) {
	_, trainer := own(t, train.Options{
		LossInputs: []string{"weights", "away"},
		Loss: func(p *train.Pass) *graph.Node {
			require.False(t, p.Training())
			require.Equal(t, 1, p.Input("labels").Rank()) // arguments of the forward pass are there as well
			row := graph.ReduceSum(graph.Square(graph.Sub(p.Output("logits"), p.Input("away"))), -1)
			return p.MeanRows(graph.Mul(row, p.Input("weights")))
		},
	})
	first, second := toyBatch(3, []int32{0, 1, 2}, []int32{0, 0, 2}), toyBatch(1, []int32{0, 1, 1}, []int32{2, -100, -100})
	first.Tensors["weights"], second.Tensors["weights"] = tensors.FromValue([]float32{1, 2, 3}), tensors.FromValue([]float32{4, 1e6, 1e6})
	away := tensors.FromValue([][]float32{{1, 0, 0}})
	first.Tensors["away"], second.Tensors["away"] = away, away
	got, err := trainer.EvaluateSource(t.Context(), batches{first, second})
	require.NoError(t, err)
	// logits (2, 0, -1), (0.5, 1, 0) and (0, 0, 3), less (1, 0, 0)
	require.InDelta(t, (1*2+2*1.25+3*10+4*2)/4, got.Loss, 1e-6)
	require.Equal(t, map[string]float64{"accuracy": 2. / 4}, got.Metrics)
}

// A row's weight of zero is as good as its absence, in training too; and the model never sees what only the loss reads.
func TestLossInputs(t *testing.T) {
	weighted := func(p *train.Pass) *graph.Node {
		logits := p.Output("logits")
		hot := graph.OneHot(p.Input("labels"), 3, logits.DType())
		row := graph.Neg(graph.ReduceSum(graph.Mul(graph.LogSoftmax(logits), hot), -1))
		return graph.ReduceAllSum(graph.Mul(row, p.Input("weights")))
	}
	o := train.Options{Optimizer: optim.SGD{LR: 0.1}, Steps: 3, MaxGradNorm: optim.Zero}
	want := fit(t, o, batches{toyBatch(2, []int32{0, 1}, []int32{1, 2})})
	b := toyBatch(3, []int32{0, 1, 2}, []int32{1, 2, 0})
	b.Tensors["weights"] = tensors.FromValue([]float32{0.5, 0.5, 0})
	o.Loss, o.LossInputs = weighted, []string{"weights"}
	got := fit(t, o, batches{b})
	for key := range want {
		require.InDeltaSlice(t, want[key], got[key], 1e-6, key)
	}

	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "bert_seqcls") // which refuses what it does not know
	require.NoError(t, err)
	a, err := peft.Attach(base.Backbone, "a", mustConfig(t))
	require.NoError(t, err)
	in := peft.Tensors{"weights": tensors.FromValue([]float32{1, 1, 1})}
	for name, v := range base.In {
		in[name] = v
	}
	o.Optimizer = optim.SGD{LR: 1e-3}
	for _, named := range []bool{true, false} {
		if !named {
			o.LossInputs = nil
		}
		trainer, err := train.New(a, o)
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), data.Fixed{Batch: data.Batch{Tensors: in, Rows: 3}})
		if named {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, peft.ErrInput)
			require.ErrorContains(t, err, "weights")
		}
	}
}

// mustConfig is that of a toy's adapter on BERT's maps.
func mustConfig(t *testing.T) peft.Config {
	t.Helper()
	cfg := mustAdapter(t, attach(t, textBERT(t))).Config()
	return cfg
}

// Bare is the backbone without the adapter and without dropout, in training as in evaluations; no gradient goes through it.
func TestBareInLoss(t *testing.T) {
	a := attach(t, textBERT(t)) // dropout in the backbone and in the adapter
	before := values(t, a)
	var differs, same []float64
	for _, c := range []struct {
		loss train.LossFunc
		to   *[]float64
	}{
		{func(p *train.Pass) *graph.Node { return squares(p, p.Bare("logits")) }, &differs},
		{func(p *train.Pass) *graph.Node {
			return graph.ReduceAllSum(graph.Square(graph.Sub(p.Bare("logits"), p.Teacher("logits"))))
		}, &same},
	} {
		trainer, err := train.New(a, train.Options{
			Optimizer: optim.SGD{LR: 1}, Steps: 2, Loss: c.loss, OnStep: losses(c.to), Teacher: &train.Teacher{Adapted: peft.New(a.Backbone())},
		})
		require.NoError(t, err)
		_, err = trainer.Fit(t.Context(), sentences(8))
		require.NoError(t, err)
		if c.to == &same {
			require.Equal(t, []float64{0, 0}, same) // no dropout in either
			require.NotEqual(t, before, values(t, a))
		}
	}
	require.Positive(t, differs[0]) // dropout; a fresh LoRA changes nothing else

	// Evaluated: the distance of the outputs, as Forward gives them.
	trainer, err := train.New(a, train.Options{Loss: func(p *train.Pass) *graph.Node { return squares(p, p.Bare("logits")) }})
	require.NoError(t, err)
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{2, 5, 7, 3}, {2, 9, 11, 3}}), "labels": tensors.FromValue([]int32{0, 1})}
	e, err := trainer.EvaluateSource(t.Context(), data.Fixed{Batch: data.Batch{Tensors: in, Rows: 2}})
	require.NoError(t, err)
	with, err := a.Forward(t.Context(), a.All(), in)
	require.NoError(t, err)
	without, err := a.Backbone().Forward(t.Context(), in)
	require.NoError(t, err)
	sum, other := 0.0, flat(t, without["logits"])
	for i, x := range flat(t, with["logits"]) {
		sum += math.Pow(float64(x-other[i]), 2)
	}
	require.Positive(t, sum)
	require.InEpsilon(t, sum/2, e.Loss, 1e-4)
}

// A backbone without a head trains by a loss on its hidden states.
func TestLossWithoutHead(t *testing.T) {
	b, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertModel"],"vocab_size":20,"hidden_size":8,"num_hidden_layers":1,
		"num_attention_heads":2,"intermediate_size":16,"max_position_embeddings":8}`))
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &lora.Config{Targets: peft.Match("query", "value")})
	require.NoError(t, err)
	o := train.Options{Steps: 20, Optimizer: optim.AdamW{LR: 0.05}, Schedule: optim.Constant{}}
	src := data.Fixed{Batch: data.Batch{Rows: 1, Tensors: peft.Tensors{"input_ids": tensors.FromValue([][]int32{{1, 2, 3, 4}})}}}
	trainer, err := train.New(a, o)
	require.NoError(t, err)
	_, err = trainer.EvaluateSource(t.Context(), src)
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "has no head")

	o.EvalSource = src
	o.Loss = func(p *train.Pass) *graph.Node {
		return graph.ReduceAllMean(graph.Square(graph.AddScalar(p.Output("last_hidden_state"), -1)))
	}
	trainer, err = train.New(a, o)
	require.NoError(t, err)
	before, err := trainer.EvaluateSource(t.Context(), src)
	require.NoError(t, err)
	report, err := trainer.FitSource(t.Context(), src)
	require.NoError(t, err)
	require.Less(t, report.Evaluation.Loss, before.Loss)
}

// Texts without labels train by a loss that needs none.
func TestUnlabelled(t *testing.T) {
	a := attach(t, textBERT(t))
	examples := sentences(8)
	for i := range examples {
		examples[i].Label = data.Label{}
	}
	var seen []float64
	trainer, err := train.New(a, train.Options{
		Task: train.Unlabelled(), Steps: 2, OnStep: losses(&seen), Eval: examples,
		Loss: func(p *train.Pass) *graph.Node { return graph.AddScalar(squares(p, p.Bare("logits")), 1) },
	})
	require.NoError(t, err)
	report, err := trainer.Fit(t.Context(), examples)
	require.NoError(t, err)
	require.Greater(t, seen[0], 1.)
	require.GreaterOrEqual(t, report.Evaluation.Loss, 1.)
	require.Empty(t, report.Evaluation.Metrics)
}
