package lily_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/lily"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Lily on the queries and values of a small model: both blocks share an A and two B for each of the two.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "mine", &lily.Config{R: 4, StrideA: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	adapter, err := adapted.Adapter("mine")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range adapter.Params() {
		if p.Trains() {
			fmt.Println(p.Site, p.Name, p.Shape)
		}
	}
	// Output:
	// bert.encoder.layer.0.attention.self.query lily_router.weight [2 4]
	// bert.encoder.layer.0.attention.self.value lily_router.weight [2 4]
	// bert.encoder.layer.1.attention.self.query lily_router.weight [2 4]
	// bert.encoder.layer.1.attention.self.value lily_router.weight [2 4]
	// bert.encoder.layer.0.attention.self.query lily_A.weight [4 16]
	// bert.encoder.layer.0.attention.self.query lily_B.weight [8 16]
	// bert.encoder.layer.0.attention.self.value lily_A.weight [4 16]
	// bert.encoder.layer.0.attention.self.value lily_B.weight [8 16]
}
