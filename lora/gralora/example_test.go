package gralora_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/lora/gralora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A GraLoRA of rank 4 in 2 · 2 blocks on the queries and values of two blocks, each 16 wide.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "a", &gralora.Config{R: 4, Alpha: 8})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.NumTrainable(), "values train")
	// Output: 512 values train
}
