package tinylora_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/tinylora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// TinyLoRA with 13 values for all queries and values of a small model together.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "mine", &tinylora.Config{U: 13, WeightTying: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adapted.NumTrainable(), "parameters train")
	// Output:
	// 13 parameters train
}
