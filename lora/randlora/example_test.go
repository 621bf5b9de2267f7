package randlora_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/randlora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// RandLoRA on the queries and values of a small model.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "mine", &randlora.Config{R: 4, Alpha: 8})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adapted.NumTrainable(), "parameters train: 4 maps of 4 bases, with 4 and 16 numbers each")
	// Output:
	// 320 parameters train: 4 maps of 4 bases, with 4 and 16 numbers each
}
