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

// Label the words of texts, to find what is named in them. Each word has one label; its first token carries it, and tokens
// with data.IgnoreIndex count for nothing.
func Example_wordLabels() {
	if err := labelWords(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// "string" is a TYPE
	// "integer" is a TYPE
}

func labelWords() error {
	ctx := context.Background()
	// A checkpoint opens with models.LoadForClasses(dir, classes, models.Head("token-classification")).
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForTokenClassification"], "hidden_size": 32,
		"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 700, "max_position_embeddings": 64,
		"id2label": {"0": "O", "1": "B-TYPE"}}`))
	if err != nil {
		return err
	}
	tok, err := tokenizer.Load("models/tokenizer/testdata/wordpiece")
	if err != nil {
		return err
	}
	texts := []string{"the string is given", "an integer or a string", "a number as an integer", "the default is an error"}
	words := [][]int32{{0, 1, 0, 0}, {0, 1, 0, 0, 1}, {0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}} // the class of each word
	encodings, err := tok.EncodeBatch(texts, nil, nil)
	if err != nil {
		return err
	}
	batch, err := data.Encoder{Tokenizer: tok}.Pad(encodings, 0)
	if err != nil {
		return err
	}
	labels := make([][]int32, len(texts))
	for row, e := range encodings {
		last := int32(-1)
		for i := range batch.Tensors["input_ids"].Shape().Dim(1) {
			label := int32(data.IgnoreIndex)
			if i < e.Len() && e.WordIDs[i] > last {
				last = e.WordIDs[i]
				label = words[row][last]
			}
			labels[row] = append(labels[row], label)
		}
	}
	batch.Tensors["labels"] = tensors.FromValue(labels)

	adapted, err := peft.Attach(backbone, "types", &lora.Config{
		R: 8, Alpha: 16, Targets: peft.Match("query", "value"), Common: peft.Common{TaskType: "TOKEN_CLS"},
	})
	if err != nil {
		return err
	}
	trainer, err := train.New(adapted, train.Options{Optimizer: optim.AdamW{LR: 5e-2}, Steps: 40})
	if err != nil {
		return err
	}
	if _, err := trainer.FitSource(ctx, data.Fixed{Batch: batch}); err != nil {
		return err
	}
	predictor, err := predict.New(adapted, predict.Options{Tokenizer: tok})
	if err != nil {
		return err
	}
	entities, err := predictor.Entities(ctx, peft.Use("types"), []string{"the string or the integer is an error"})
	if err != nil {
		return err
	}
	for _, e := range entities[0] {
		fmt.Printf("%q is a %s\n", e.Text, e.Kind)
	}
	return nil
}
