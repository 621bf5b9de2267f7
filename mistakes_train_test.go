package gopeft_test

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"math"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// none is a source without batches.
type none struct{}

func (none) NumBatches() int { return 0 }
func (none) Epoch(int, int) iter.Seq2[data.Batch, error] {
	return func(func(data.Batch, error) bool) {}
}

// Mistakes with data, optimisers, trainers and recipes.
func TestMistakesTraining(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	gone, cancel := context.WithCancel(ctx)
	cancel()
	tok, err := models.Tokenizer(s.Backbone())
	require.NoError(t, err)
	texts := []data.Example{{Text: "it is an error", Label: data.WordLabel("bug")}, {Text: "a string", Label: data.WordLabel("praise")}}
	fit := func(ctx context.Context, o train.Options, examples []data.Example) func() error {
		return func() error {
			o.Adapter = "b"
			if o.Steps == 0 {
				o.Steps = 1
			}
			trainer, err := train.New(s.Adapted, o)
			if err != nil {
				return err
			}
			_, err = trainer.Fit(ctx, examples)
			return err
		}
	}
	source := func(o train.Options, src data.Source) func() error {
		return func() error {
			o.Adapter, o.Steps = "b", 1
			trainer, err := train.New(s.Adapted, o)
			if err != nil {
				return err
			}
			_, err = trainer.FitSource(ctx, src)
			return err
		}
	}
	batch := func(in peft.Tensors) data.Source {
		return data.Fixed{Batch: data.Batch{Tensors: in, Rows: 1, Tokens: 1}}
	}
	opts := func(o optim.Optimizer) train.Options { return train.Options{Optimizer: o} }
	labelled := func(l data.Label) []data.Example { return []data.Example{{Text: "it is an error", Label: l}} }
	recipe := func(text string) func() error {
		return func() error { return fails(train.ReadRecipe(s.file("recipe.json", text))) }
	}
	jsonl := func(text string) func() error {
		return func() error { return fails(data.ReadJSONL(s.file("x.jsonl", text), data.Fields{})) }
	}
	wrong := errors.New("mine")
	run := filepath.Join(s.dir, "run")
	s.file("run/metrics.jsonl", "{}\n")
	refused(t, s, []mistake{
		{func() error { return fails(train.New(nil, train.Options{})) }, peft.ErrInput, "backbone"},
		{func() error { return fails(train.New(peft.New(nil), train.Options{})) }, peft.ErrInput, "backbone"},
		{func() error { return fails(train.New(s.Adapted, train.Options{})) }, train.ErrOptions, "Adapter"},
		{func() error { return fails(train.New(s.Adapted, train.Options{Adapter: "c"})) }, peft.ErrAdapter, `"c"`},
		{func() error { return fails(new(train.Trainer).Fit(ctx, texts)) }, peft.ErrInput, "trainer"},
		{func() error { return fails((*train.Trainer)(nil).Fit(ctx, texts)) }, peft.ErrInput, "trainer"},
		{fit(noContext, train.Options{}, texts), peft.ErrInput, "ctx"},
		{fit(gone, train.Options{}, texts), context.Canceled, "canceled"},
		{fit(ctx, train.Options{}, nil), data.ErrEmpty, "no examples"},
		{fit(ctx, train.Options{}, []data.Example{{Text: "x"}}), data.ErrLabel, "label"},
		{fit(ctx, train.Options{}, labelled(data.WordLabel("bgu"))), data.ErrLabel, `"bgu"`},
		{fit(ctx, train.Options{}, labelled(data.IntegerLabel(2))), data.ErrLabel, "2"},
		{fit(ctx, train.Options{}, labelled(data.IntegerLabel(-1))), data.ErrLabel, "-1"},
		{fit(ctx, train.Options{}, labelled(data.FloatLabel(0.5))), data.ErrLabel, "no integer"},
		{fit(ctx, train.Options{Task: train.Regression()}, labelled(data.FloatLabel(0.5))), train.ErrOptions, "Regression"},
		{fit(ctx, train.Options{Task: train.Writing()}, texts), train.ErrOptions, "Writing"},
		{fit(ctx, train.Options{Task: train.Classification("bug", "bug")}, texts), train.ErrOptions, `"bug"`},
		{fit(ctx, train.Options{Task: train.Classification("bug")}, texts), data.ErrLabel, `"praise"`},
		{fit(ctx, train.Options{Task: train.Classification("praise", "bug")}, texts), train.ErrOptions, "order"},
		{fit(ctx, train.Options{BatchSize: -1}, texts), train.ErrOptions, "BatchSize"},
		{fit(ctx, train.Options{Epochs: -1}, texts), train.ErrOptions, "Epochs"},
		{fit(ctx, train.Options{Steps: -1}, texts), train.ErrOptions, "Steps"},
		{fit(ctx, train.Options{Accumulate: -2}, texts), train.ErrOptions, "Accumulate"},
		{fit(ctx, train.Options{MaxLength: 1}, texts), train.ErrOptions, "MaxLength"},
		{fit(ctx, train.Options{MaxLength: 100}, texts), train.ErrOptions, "MaxLength"},
		{fit(ctx, train.Options{MaxGradNorm: math.NaN()}, texts), train.ErrOptions, "MaxGradNorm"},
		{fit(ctx, train.Options{EarlyStopping: &train.EarlyStopping{}}, texts), train.ErrOptions, "EarlyStopping"},
		{fit(ctx, train.Options{Eval: texts, EarlyStopping: &train.EarlyStopping{Metric: "eval_f1"}}, texts), train.ErrOptions, "eval_f1"},
		{fit(ctx, train.Options{Eval: texts, EvalSource: none{}}, texts), train.ErrOptions, "EvalSource"},
		{fit(ctx, train.Options{Resume: true}, texts), train.ErrOptions, "Resume"},
		{fit(ctx, train.Options{CheckpointEvery: 5}, texts), train.ErrOptions, "CheckpointEvery"},
		{fit(ctx, train.Options{Out: run}, texts), train.ErrOccupied, "run"},
		{fit(ctx, train.Options{Teacher: &train.Teacher{}}, texts), train.ErrOptions, "Teacher"},
		{fit(ctx, train.Options{LossInputs: []string{"x"}}, texts), train.ErrOptions, "LossInputs"},
		{fit(ctx, train.Options{Loss: func(p *train.Pass) *graph.Node { return p.Output("logit") }}, texts), train.ErrOptions, `"logit"`},
		{fit(ctx, train.Options{Loss: func(p *train.Pass) *graph.Node { return p.Output("logits") }}, texts), train.ErrOptions, "want one number"},
		{fit(ctx, train.Options{Loss: func(p *train.Pass) *graph.Node { return nil }}, texts), train.ErrOptions, "gave nothing"},
		{fit(ctx, train.Options{Loss: func(p *train.Pass) *graph.Node { return p.Teacher("logits") }}, texts), train.ErrOptions, "teacher"},
		{fit(ctx, train.Options{Loss: func(p *train.Pass) *graph.Node {
			return graph.MulScalar(p.Output("loss"), math.Inf(1))
		}}, texts), train.ErrNotFinite, "loss"},
		{fit(ctx, train.Options{OnStep: func(train.Step) error { return wrong }, Steps: 2}, nil), data.ErrEmpty, "no examples"},
		{fit(ctx, opts(optim.AdamW{LR: -1}), texts), optim.ErrConfig, "LR"},
		{fit(ctx, opts(optim.AdamW{Betas: [2]float64{0.9, 1}}), texts), optim.ErrConfig, "Betas"},
		{fit(ctx, opts(optim.SGD{Nesterov: true}), texts), optim.ErrConfig, "Nesterov"},
		{fit(ctx, opts((*optim.AdamW)(nil)), texts), train.ErrOptions, "Optimizer"},
		{fit(ctx, train.Options{Schedule: optim.Linear{Warmup: -1}}, texts), optim.ErrConfig, "Warmup"},
		{fit(ctx, train.Options{Schedule: optim.Linear{Warmup: 5}, Steps: 2}, texts), optim.ErrConfig, "Warmup"},
		{source(train.Options{}, nil), peft.ErrInput, "src"},
		{source(train.Options{}, none{}), data.ErrEmpty, "no examples"},
		{source(train.Options{}, data.Fixed{}), peft.ErrInput, "in: "},
		{source(train.Options{}, batch(ids([]int32{7}))), peft.ErrInput, "labels"},
		{source(train.Options{}, batch(with(ids([]int32{7}), "labels", []int32{2}))), peft.ErrInput, "labels"},
		{source(train.Options{}, batch(with(ids([]int32{700}), "labels", []int32{1}))), peft.ErrInput, "700"},
		{source(train.Options{}, batch(peft.Tensors{"labels": tensors.FromValue([]int32{1})})), peft.ErrInput, "input_ids"},
		{func() error { return fails(optim.Build(nil, nil)) }, optim.ErrConfig, "Transform"},
		{func() error { return fails(optim.Build(optim.AdamW{}.Transform(), []optim.Variable{{}})) }, optim.ErrConfig, "parameter 0"},
		{func() error { return fails(data.NewLoader(texts, data.Options{})) }, data.ErrOption, "Tokenizer"},
		{func() error { return fails(data.NewLoader(nil, data.Options{Encoder: data.Encoder{Tokenizer: tok}})) }, data.ErrEmpty, "no examples"},
		{func() error { return fails(data.Encoder{Tokenizer: tok, Buckets: []int{8, 4}}.Encode(texts, 0)) }, data.ErrOption, "Buckets"},
		{func() error { return fails(data.Classes(nil)) }, data.ErrEmpty, "no examples"},
		{func() error { return fails(data.Classes(append(labelled(data.IntegerLabel(1)), texts...))) }, data.ErrLabel, "integer"},
		{func() error { return fails(data.NewIndex([]string{"a", "a"})) }, data.ErrOption, `"a"`},
		{func() error { return fails(data.ReadJSONL(filepath.Join(s.dir, "none"), data.Fields{})) }, fs.ErrNotExist, "none"},
		{jsonl(""), data.ErrEmpty, "x.jsonl"},
		{jsonl("{\"text\": \"a\", \"label\": 1}\n{\"txt\": \"a\"}"), data.ErrFormat, "x.jsonl:2"},
		{jsonl(`{"text": 3, "label": 1}`), data.ErrFormat, `"text"`},
		{jsonl(`{"text": "a", "label": ["a"]}`), data.ErrFormat, `"label"`},
		{jsonl("text,label\n"), data.ErrFormat, "x.jsonl:1"},
		{func() error { return fails(data.Tensors(s.file("t.safetensors", "no"))) }, data.ErrFormat, "t.safetensors"},
		{recipe(`{`), train.ErrRecipe, "recipe.json"},
		{recipe(`{"backbon": "x"}`), train.ErrRecipe, `"backbone"`},
		{recipe(`{"backbone": "x"}`), train.ErrRecipe, "out: is missing"},
		{recipe(`{"backbone": 3}`), train.ErrRecipe, "backbone"},
		{recipe(`{"backbone": "b", "adapter": {"load": "a"}, "train": {"jsonl": "t"}, "out": "o"}`), train.ErrRecipe, "epochs"},
		{recipe(`{"backbone": "b", "adapter": {"load": "a"}, "train": {"jsonl": "t"}, "out": "o", "epochs": 1, "optimizer": {"type": "adamx"}}`), train.ErrRecipe, "adamx"},
		{func() error { return fails(train.ReadRecipe(filepath.Join(s.dir, "none.json"))) }, train.ErrRecipe, "none.json"},
		{func() error { return fails((*train.Recipe)(nil).Options()) }, train.ErrRecipe, "nil"},
	})
}
