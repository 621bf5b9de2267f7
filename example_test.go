package gopeft_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A backbone with two adapters: which of them act is an argument of each call.
func Example() {
	// A checkpoint folder opens with models.Load; this one is small and random, to need no file.
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "intents", &lora.Config{R: 4, Targets: peft.Match("query", "value")})
	if err != nil {
		log.Fatal(err)
	}
	if err := adapted.Attach("tone", &lora.Config{R: 2, DoRA: true, Targets: peft.AllLinear()}); err != nil {
		log.Fatal(err)
	}
	out, err := adapted.Forward(context.Background(), peft.Rows("intents", "", "tone"), peft.Tensors{
		"input_ids": tensors.FromValue([][]int32{{7, 8, 9}, {7, 8, 9}, {7, 8, 9}}),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.Names(), out["logits"].Shape())
	fmt.Println(adapted.NumTrainable(), "of", adapted.NumTotal(), "parameters train")
	// Output:
	// [intents tone] (Float32)[3, 2]
	// 1750 of 15560 parameters train
}
