package deft_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/lora/deft"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A DEFT of 2 directions on the queries and values of two blocks, each 16 wide: the directions, and what stands in them.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "a", &deft.Config{R: 2, Decomposition: deft.QR})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.NumTrainable(), "values train")
	// Output: 256 values train
}
