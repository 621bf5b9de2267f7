package vera_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/vera"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// VeRA on the queries and values of a small model, with a file that holds no projections.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	save := false
	adapted, err := peft.Attach(backbone, "mine", &vera.Config{R: 64, SaveProjection: &save})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adapted.NumTrainable(), "parameters train: 4 maps of 64 + 16")
	// Output:
	// 320 parameters train: 4 maps of 64 + 16
}
