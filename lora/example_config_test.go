package lora_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// DoRA with rsLoRA's scale on the first layer alone, of a higher rank at its query.
func ExampleConfig() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := &lora.Config{
		R: 2, Targets: peft.Match("query", "value"), DoRA: true, RSLoRA: true, Init: lora.Gaussian,
		LayersToTransform: peft.IntList(0), LayersPattern: peft.StringList("layer"),
		RankPattern: peft.Pattern[int]{{Match: "query", Value: 8}},
	}
	adapted, err := peft.Attach(backbone, "mine", cfg)
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
	// bert.encoder.layer.0.attention.self.query lora_A.weight [8 16]
	// bert.encoder.layer.0.attention.self.query lora_B.weight [16 8]
	// bert.encoder.layer.0.attention.self.query lora_magnitude_vector [16]
	// bert.encoder.layer.0.attention.self.value lora_A.weight [2 16]
	// bert.encoder.layer.0.attention.self.value lora_B.weight [16 2]
	// bert.encoder.layer.0.attention.self.value lora_magnitude_vector [16]
}
