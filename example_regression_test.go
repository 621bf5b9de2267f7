package gopeft_test

import (
	"context"
	"fmt"
	"os"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Learn a number for a text: how urgent it is, from 0 to 1. A head with one output predicts numbers.
func Example_regression() {
	if err := regress(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the parcel must arrive today: urgent true
	// thank you for your help: urgent false
}

func regress() error {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "regression-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := sample.Export(dir); err != nil { // stands for a folder of your own
		return err
	}
	backbone, err := models.LoadForClasses(dir, []string{"urgency"}) // one name is one number
	if err != nil {
		return err
	}
	adapted, err := peft.Attach(backbone, "urgency", &lora.Config{
		R: 8, Alpha: 16, Targets: peft.Match("query", "value"), Common: peft.Common{TaskType: "SEQ_CLS"},
	})
	if err != nil {
		return err
	}
	examples := []data.Example{
		{Text: "I need the parcel today", Label: data.FloatLabel(1)},
		{Text: "it must arrive today, please hurry", Label: data.FloatLabel(0.9)},
		{Text: "cancel the order now", Label: data.FloatLabel(0.8)},
		{Text: "thank you for the parcel", Label: data.FloatLabel(0)},
		{Text: "you were of great help", Label: data.FloatLabel(0.1)},
		{Text: "thanks, all is well", Label: data.FloatLabel(0.1)},
	}
	trainer, err := train.New(adapted, train.Options{Optimizer: optim.AdamW{LR: 5e-3}, Epochs: 12})
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
	asked := predict.Texts{"the parcel must arrive today", "thank you for your help"}
	numbers, err := predictor.Numbers(ctx, peft.Use("urgency"), asked)
	if err != nil {
		return err
	}
	for i, n := range numbers { // one number for each output of the head
		fmt.Printf("%s: urgent %v\n", asked[i], n[0] > 0.5)
	}
	return nil
}
