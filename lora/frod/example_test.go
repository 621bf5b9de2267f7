package frod_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/frod"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Each target trains a scale for each of the 32 directions that all of them share, and a hundredth of a matrix of them.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 16,
		"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "tone", &frod.Config{Targets: peft.Match("down_proj")})
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
	// base_model.model.model.layers.0.mlp.down_proj.frod_lambda_l [32]
	// base_model.model.model.layers.0.mlp.down_proj.frod_lambda_s_values [10]
	// base_model.model.model.layers.1.mlp.down_proj.frod_lambda_l [32]
	// base_model.model.model.layers.1.mlp.down_proj.frod_lambda_s_values [10]
}
