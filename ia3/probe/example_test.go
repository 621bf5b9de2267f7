package probe_test

import (
	"fmt"

	"github.com/gopeft/gopeft/ia3/probe"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Every kind of model has another head: a classifier, two maps, an output layer that shares its weight with the embeddings.
func Example() {
	const bert = `"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`
	for _, config := range []string{
		`{"model_type": "bert", "architectures": ["BertForSequenceClassification"], ` + bert,
		`{"model_type": "bert", "architectures": ["BertForQuestionAnswering"], ` + bert,
		`{"model_type": "roberta", "architectures": ["RobertaForSequenceClassification"], ` + bert,
		`{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 16, "n_layer": 1, "n_head": 2, "vocab_size": 50}`,
	} {
		backbone, err := models.Random([]byte(config))
		if err != nil {
			fmt.Println(err)
			return
		}
		adapted, err := peft.Attach(backbone, "head", &probe.Config{})
		if err != nil {
			fmt.Println(err)
			return
		}
		params, err := adapted.Trainable(adapted.All())
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(backbone.Info().ModelType, ":")
		for _, p := range params {
			fmt.Print(" ", p.Replaces, " ", p.Shape)
		}
		fmt.Println()
	}
	// Output:
	// bert: classifier.bias [2] classifier.weight [2 16]
	// bert: qa_outputs.bias [2] qa_outputs.weight [2 16]
	// roberta: classifier.dense.bias [16] classifier.dense.weight [16 16] classifier.out_proj.bias [2] classifier.out_proj.weight [2 16]
	// gpt2: lm_head.weight [50 16]
}
