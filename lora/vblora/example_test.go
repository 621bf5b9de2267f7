package vblora_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/vblora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// VB-LoRA on the queries and values of a small model, from a bank of 20 vectors of length 8.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "mine", &vblora.Config{NumVectors: 20, VectorLength: 8})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adapted.NumTrainable(), "parameters train: 4 maps with 2 times 4 times 2 mixtures of 20, and the bank")
	// Output:
	// 1440 parameters train: 4 maps with 2 times 4 times 2 mixtures of 20, and the bank
}
