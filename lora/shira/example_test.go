package shira_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/shira"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A file holds the places of the values beside them. There are as many as a LoRA of that rank has.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 16,
		"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "tone", &shira.Config{R: 2, Targets: peft.Match("down_proj")})
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
	// base_model.model.model.layers.0.mlp.down_proj.shira_weight [96]
	// base_model.model.model.layers.1.mlp.down_proj.shira_weight [96]
}
