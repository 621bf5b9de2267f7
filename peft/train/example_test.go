package train_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// words are labelled by whether they begin with a vowel.
func words() []data.Example {
	var out []data.Example
	for _, w := range []string{"apple", "pear", "orange", "plum", "apricot", "lemon", "olive", "fig"} {
		label := "no"
		if w[0] == 'a' || w[0] == 'o' {
			label = "yes"
		}
		out = append(out, data.Example{Text: w, Label: data.WordLabel(label)})
	}
	return out
}

// Train an adapter on a few labelled texts.
func ExampleTrainer_Fit() {
	dir, done := exampleBackbone() // a transformers folder with a tokenizer
	defer done()
	backbone, err := models.LoadForClasses(dir, []string{"no", "yes"})
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := &lora.Config{R: 8, Alpha: 16, Targets: peft.Match("query", "value")}
	cfg.TaskType = "SEQ_CLS" // the new head is trained and saved with the adapter
	adapted, err := peft.Attach(backbone, "vowels", cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	first := 0.0
	trainer, err := train.New(adapted, train.Options{
		Optimizer: optim.AdamW{LR: 1e-2}, BatchSize: 4, Epochs: 20,
		OnStep: func(s train.Step) error {
			if s.Step == 1 {
				first = s.Loss
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
	learned, err := trainer.Evaluate(context.Background(), words())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Steps, "steps, the loss fell:", report.Loss < first)
	fmt.Printf("accuracy %.0f %%, %d of %d parameters trained\n",
		100*learned.Metrics["accuracy"], report.Trainable, report.Total)
	// Output:
	// 40 steps, the loss fell: true
	// accuracy 100 %, 2114 of 21604 parameters trained
}

// Stop a run and go on with it, as after a crash or Ctrl-C.
func ExampleOptions_resume() {
	dir, done := exampleBackbone()
	defer done()
	fit := func(ctx context.Context, o train.Options) error {
		backbone, err := models.LoadForClasses(dir, []string{"no", "yes"})
		if err != nil {
			return err
		}
		adapted, err := peft.Attach(backbone, "vowels", &lora.Config{Targets: peft.Match("query"), Common: peft.Common{TaskType: "SEQ_CLS"}})
		if err != nil {
			return err
		}
		o.Out, o.Epochs, o.CheckpointEvery = filepath.Join(dir, "run"), 10, 2
		trainer, err := train.New(adapted, o)
		if err != nil {
			return err
		}
		_, err = trainer.Fit(ctx, words())
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	err := fit(ctx, train.Options{OnStep: func(s train.Step) error {
		if s.Step == 7 {
			stop()
		}
		return nil
	}})
	fmt.Println(err, errors.Is(err, context.Canceled))

	err = fit(context.Background(), train.Options{Resume: true, OnResume: func(r train.Resumed) error {
		fmt.Println("goes on after step", r.Step)
		return nil
	}})
	fmt.Println(err)
	// Output:
	// stopped after step 7 of 10: context canceled true
	// goes on after step 7
	// <nil>
}

// Measure an adapter without training it, on a batch that is ready in a file.
func ExampleTrainer_EvaluateSource() {
	backbone, err := models.Load(bertDir)
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Load(backbone, "../../internal/pefttest/testdata/fixtures/cases/bert_seqcls/lora")
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := data.Tensors(filepath.Join(bertDir, "io.safetensors"))
	if err != nil {
		fmt.Println(err)
		return
	}
	trainer, err := train.New(adapted, train.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := trainer.EvaluateSource(context.Background(), batch)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("loss %.3f, accuracy %.2f\n", e.Loss, e.Metrics["accuracy"])
	// Output:
	// loss 1.118, accuracy 0.33
}

// Read a recipe and take over what it says about training.
func ExampleReadRecipe() {
	recipe, err := train.ReadRecipe("testdata/recipe.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	options, err := recipe.Options()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, %d epochs of batches of %d, learning rate %v\n",
		recipe.Backbone, options.Epochs, options.BatchSize, options.Optimizer.Rate())
	// Output:
	// bert, 3 epochs of batches of 16, learning rate 0.001
}

// exampleBackbone makes a small backbone that reads text.
func exampleBackbone() (dir string, done func()) {
	dir, err := os.MkdirTemp("", "gopeft")
	if err == nil {
		err = writeTextBERT(dir)
	}
	if err != nil {
		fmt.Println(err)
	}
	return dir, func() { os.RemoveAll(dir) }
}
