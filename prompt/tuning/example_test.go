package tuning_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// A prompt that starts from the embeddings of a text, over and over.
func Example() {
	b, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":16,"vocab_size":30}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(b, "mood", &tuning.Config{
		Virtual: prompt.Virtual{Tokens: 8}, Init: tuning.FromText, Text: "good or bad?", Tokenizer: "testdata/words",
	})
	if err != nil {
		log.Fatal(err)
	}
	mood, err := adapted.Adapter("mood")
	if err != nil {
		log.Fatal(err)
	}
	values, err := mood.Value("prompt_embeddings")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(values.Shape(), mood.VirtualTokens(), "virtual tokens")
	// Output: (Float32)[8, 8] 8 virtual tokens
}
