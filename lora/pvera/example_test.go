package pvera_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/pvera"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// PVeRA on the queries and values of a small model.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "mine", &pvera.Config{R: 64})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adapted.NumTrainable(), "parameters train: 4 maps of 2 times 64, and 16")
	// Output:
	// 576 parameters train: 4 maps of 2 times 64, and 16
}
