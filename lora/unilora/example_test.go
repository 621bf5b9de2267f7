package unilora_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/unilora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Uni-LoRA of rank 8 on the queries and values of a small model: 500 values stand for 1,024.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "mine", &unilora.Config{R: 8, Length: 500})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adapted.NumTrainable(), "parameters train")
	// Output:
	// 500 parameters train
}
