package hira_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/lora/hira"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A HiRA of rank 2 on the embeddings, 50 tokens 16 wide, and on the queries of two blocks.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "a", &hira.Config{R: 2, Targets: peft.Match("word_embeddings", "query")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapted.NumTrainable(), "values train")
	// Output: 260 values train
}
