package glora_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/lora/glora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A GLoRA on the queries and values of two blocks, each 16 wide: a number for each output for A, B, D and E, and C for each
// input.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "a", &glora.Config{AB: glora.Vector, C: glora.Vector, DE: glora.Vector})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.NumTrainable(), "values train")
	// Output: 320 values train
}
