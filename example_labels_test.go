package gopeft_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Several labels for a text, or none. They don't exclude each other, so the labels are a row of zeros and ones for each text,
// which the Trainer takes as tensors.
func Example_severalLabels() {
	if err := label(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the number is an error [error number]
	// a string is given [text]
	// the default []
}

func label() error {
	ctx := context.Background()
	// A checkpoint opens with models.Load, and has its tokenizer with it. What makes the loss one of several labels is the
	// problem_type in its config.json.
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"], "hidden_size": 64,
		"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 128, "vocab_size": 700, "max_position_embeddings": 64,
		"problem_type": "multi_label_classification", "id2label": {"0": "error", "1": "number", "2": "text"}}`))
	if err != nil {
		return err
	}
	tok, err := tokenizer.Load("models/tokenizer/testdata/wordpiece")
	if err != nil {
		return err
	}
	batch, err := data.Encoder{Tokenizer: tok}.Encode([]data.Example{
		{Text: "it is an error"}, {Text: "an integer, a number"}, {Text: "the string of the error"},
		{Text: "a string of bytes"}, {Text: "the number of the error"}, {Text: "given as the default"},
	}, 0)
	if err != nil {
		return err
	}
	batch.Tensors["labels"] = tensors.FromValue([][]float32{{1, 0, 0}, {0, 1, 0}, {1, 0, 1}, {0, 0, 1}, {1, 1, 0}, {0, 0, 0}})

	adapted, err := peft.Attach(backbone, "topics", &lora.Config{
		R: 8, Alpha: 16, Targets: peft.AllLinear(), Common: peft.Common{TaskType: "SEQ_CLS"},
	})
	if err != nil {
		return err
	}
	trainer, err := train.New(adapted, train.Options{Optimizer: optim.AdamW{LR: 1e-2}, Steps: 60})
	if err != nil {
		return err
	}
	if _, err := trainer.FitSource(ctx, data.Fixed{Batch: batch}); err != nil { // or a data.Source of many batches
		return err
	}

	predictor, err := predict.New(adapted, predict.Options{Tokenizer: tok, Threshold: 0.5})
	if err != nil {
		return err
	}
	asked := predict.Texts{"the number is an error", "a string is given", "the default"}
	answers, err := predictor.MultiLabel(ctx, peft.Use("topics"), asked)
	if err != nil {
		return err
	}
	for i, a := range answers {
		fmt.Println(asked[i], a.Classes)
	}
	return nil
}
