package lokr_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/lora/lokr"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A LoKr on the queries and values of a model: 16 is split into 4 · 4, so each target has a factor of 4 · 4 and one of two
// parts, 4 · 1 and 1 · 4.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "small", &lokr.Config{R: 1, Alpha: 4})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.NumTrainable(), "values train")
	// Output: 96 values train
}
