package train_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// vowels is an adapter on a small backbone with two classes, that nobody has trained.
func vowels(dir string) (*peft.Adapted, error) {
	backbone, err := models.LoadForClasses(dir, []string{"no", "yes"})
	if err != nil {
		return nil, err
	}
	cfg := &lora.Config{R: 8, Alpha: 16, Targets: peft.Match("query", "value")}
	cfg.TaskType = "SEQ_CLS"
	return peft.Attach(backbone, "vowels", cfg)
}

// Measure an adapter on labelled texts, here before it has learned anything.
func ExampleTrainer_Evaluate() {
	dir, done := exampleBackbone()
	defer done()
	adapted, err := vowels(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer, err := train.New(adapted, train.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := trainer.Evaluate(context.Background(), words())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("loss %.1f, accuracy %.0f %%\n", e.Loss, 100*e.Metrics["accuracy"])
	// Output:
	// loss 0.7, accuracy 50 %
}

// End a run when its evaluations no longer get better. The values of the best one stand.
func ExampleEarlyStopping() {
	dir, done := exampleBackbone()
	defer done()
	adapted, err := vowels(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	unlike := words() // labels that contradict those that are learned
	for i := range unlike {
		unlike[i].Label = data.WordLabel("no")
	}
	trainer, err := train.New(adapted, train.Options{
		Optimizer: optim.AdamW{LR: 1e-2}, BatchSize: 4, Epochs: 20, Eval: unlike,
		EarlyStopping: &train.EarlyStopping{Patience: 3, MinDelta: 0.01},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := trainer.Fit(context.Background(), words())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ended by", report.Ended)
	fmt.Println("before its 40 steps were done:", report.Steps < 40)
	fmt.Println("best before the last step:", report.BestStep < report.Steps)
	// Output:
	// ended by early stopping
	// before its 40 steps were done: true
	// best before the last step: true
}

// Stop a run from a callback, here once its loss is low enough. The adapter is saved and the report written, as at the
// end of any run.
func ExampleOptions_stop() {
	dir, done := exampleBackbone()
	defer done()
	adapted, err := vowels(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer, err := train.New(adapted, train.Options{
		Optimizer: optim.AdamW{LR: 1e-2}, BatchSize: 8, Epochs: 100,
		OnStep: func(s train.Step) error {
			if s.Loss < 0.3 {
				return fmt.Errorf("low enough: %w", train.ErrStop)
			}
			return nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := trainer.Fit(context.Background(), words())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Ended, "-", report.Why)
	fmt.Println("loss below 0.3:", report.Loss < 0.3, "after less than 100 steps:", report.Steps < 100)
	// Output:
	// stopped by a callback - low enough: stop training
	// loss below 0.3: true after less than 100 steps: true
}

// Distil a teacher into an adapter: it learns the teacher's probabilities from texts that nobody labelled.
func ExampleLossFunc_distillation() {
	dir, done := exampleBackbone()
	defer done()
	teacher, err := vowels(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	trained, err := train.New(teacher, train.Options{Optimizer: optim.AdamW{LR: 1e-2}, BatchSize: 4, Epochs: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := trained.Fit(context.Background(), words()); err != nil {
		fmt.Println(err)
		return
	}

	student, err := vowels(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	const temperature = 2
	trainer, err := train.New(student, train.Options{
		Task:      train.Unlabelled(),
		Optimizer: optim.AdamW{LR: 1e-2}, BatchSize: 4, Epochs: 40,
		Teacher: &train.Teacher{Adapted: teacher, Selection: peft.Use("vowels")},
		Loss: func(p *train.Pass) *graph.Node { // the Kullback-Leibler divergence from the teacher
			soft := func(logits *graph.Node) *graph.Node { return graph.LogSoftmax(graph.DivScalar(logits, temperature)) }
			want, got := soft(p.Teacher("logits")), soft(p.Output("logits"))
			rows := graph.ReduceSum(graph.Mul(graph.Exp(want), graph.Sub(want, got)), -1)
			return graph.MulScalar(p.MeanRows(rows), temperature*temperature)
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	texts := words()
	for i := range texts {
		texts[i].Label = data.Label{}
	}
	before, err := trainer.Evaluate(context.Background(), texts)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := trainer.Fit(context.Background(), texts); err != nil {
		fmt.Println(err)
		return
	}
	after, err := trainer.Evaluate(context.Background(), texts)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("a tenth of the divergence is left, or less:", after.Loss < before.Loss/10)

	measure, err := train.New(student, train.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := measure.Evaluate(context.Background(), words())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("the student has never seen a label: accuracy %.0f %%\n", 100*e.Metrics["accuracy"])
	// Output:
	// a tenth of the divergence is left, or less: true
	// the student has never seen a label: accuracy 100 %
}
