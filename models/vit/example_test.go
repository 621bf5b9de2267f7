package vit_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Targets may have the names of the checkpoint or those of transformers 5; the adapter's file has the second.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "vit", "architectures": ["ViTForImageClassification"], "num_hidden_layers": 1,
		"hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 16, "image_size": 8, "patch_size": 4}`), models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "cats", &lora.Config{R: 4, Targets: peft.Match("query", "v_proj")})
	if err != nil {
		fmt.Println(err)
		return
	}
	adapter, err := adapted.Adapter("cats")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range adapter.Sites() {
		fmt.Println(path)
	}
	// Output:
	// vit.layers.0.attention.q_proj
	// vit.layers.0.attention.v_proj
}
