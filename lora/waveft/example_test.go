package waveft_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/waveft"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A file holds twenty values for a matrix of 512, and nothing else.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 16,
		"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "tone", &waveft.Config{NFrequency: 20, Targets: peft.Match("down_proj")})
	if err != nil {
		fmt.Println(err)
		return
	}
	params, err := adapted.Trainable(adapted.All())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range params {
		fmt.Println(p.FileKey(), p.Shape)
	}
	// Output:
	// base_model.model.model.layers.0.mlp.down_proj.waveft_spectrum [20]
	// base_model.model.model.layers.1.mlp.down_proj.waveft_spectrum [20]
}
