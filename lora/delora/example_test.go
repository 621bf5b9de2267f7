package delora_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/lora/delora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A DeLoRA of rank 2 on the queries and values of two blocks, each 16 wide: A, B and a strength.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "a", &delora.Config{R: 2, Lambda: 4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.NumTrainable(), "values train")
	// Output: 260 values train
}
