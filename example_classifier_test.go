package gopeft_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Train a classifier on texts that a program holds in memory, ask it, save it, and open it again as another program would.
func Example_classifier() {
	if err := classify(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Where is my parcel now?        delivery, sure: true
	// Give me my money back, please. refund, sure: true
	// opened again: delivery, the same: true
}

func classify() error {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "classifier-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := sample.Export(dir); err != nil { // stands for a folder of your own, such as "all-MiniLM-L6-v2"
		return err
	}

	var examples []data.Example
	for i, text := range []string{
		"Where is my parcel?", "I want my money back.", "My order has not arrived.", "Please refund my order.",
		"When will it be delivered?", "Return the money to my card.", "The parcel is late.", "When do I get my refund?",
	} {
		label := []string{"delivery", "refund"}[i%2]
		examples = append(examples, data.Example{Text: text, Label: data.WordLabel(label)})
	}
	classes, err := data.Classes(examples)
	if err != nil {
		return err
	}
	backbone, err := models.LoadForClasses(dir, classes)
	if err != nil {
		return err
	}
	adapted, err := peft.Attach(backbone, "intents", &lora.Config{
		R: 8, Alpha: 16, Targets: peft.Match("query", "value"),
		Common: peft.Common{TaskType: "SEQ_CLS"}, // trains and saves the new head as well
	})
	if err != nil {
		return err
	}
	trainer, err := train.New(adapted, train.Options{Optimizer: optim.AdamW{LR: 5e-3}, Epochs: 10})
	if err != nil {
		return err
	}
	if _, err := trainer.Fit(ctx, examples); err != nil {
		return err
	}

	predictor, err := predict.New(adapted, predict.Options{})
	if err != nil {
		return err
	}
	asked := predict.Texts{"Where is my parcel now?", "Give me my money back, please."}
	answers, err := predictor.Classes(ctx, peft.Use("intents"), asked)
	if err != nil {
		return err
	}
	for i, a := range answers {
		fmt.Printf("%-30s %s, sure: %v\n", asked[i], a.Class, a.Probability > 0.7)
	}

	saved := filepath.Join(dir, "intents-lora")
	if err := adapted.Save(saved); err != nil {
		return err
	}
	fresh, err := models.LoadFor(dir, saved) // the backbone with the head that the adapter was trained with
	if err != nil {
		return err
	}
	opened, err := peft.Load(fresh, saved)
	if err != nil {
		return err
	}
	if predictor, err = predict.New(opened, predict.Options{}); err != nil {
		return err
	}
	again, err := predictor.Classes(ctx, opened.All(), asked)
	if err != nil {
		return err
	}
	fmt.Printf("opened again: %s, the same: %v\n", again[0].Class, again[0].Probability == answers[0].Probability)
	return nil
}
