package miss_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/lora/miss"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A MiSS on the queries and values of two blocks, each 16 wide: a block of 4 · 16 values at each.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "a", &miss.Config{R: 4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.NumTrainable(), "values train")
	// Output: 256 values train
}
