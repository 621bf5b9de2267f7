package peanut_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/lora/peanut"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A PEANuT with one encoder and one decoder, 4 wide, on the queries and values of two blocks, each 16 wide.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "a", &peanut.Config{R: 4, Depth: 1, Activation: "gelu"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.NumTrainable(), "values train")
	// Output: 640 values train
}
