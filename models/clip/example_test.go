package clip_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// An adapter in both towers, as HF PEFT's LoraConfig(target_modules=["q_proj", "v_proj"]) makes it, and the loss that
// trains it: which image belongs to which text.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "clip", "architectures": ["CLIPModel"], "projection_dim": 4,
		"text_config": {"num_hidden_layers": 1, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 20},
		"vision_config": {"num_hidden_layers": 1, "hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 16, "image_size": 4, "patch_size": 2}}`),
		models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "cats", &lora.Config{R: 4, Targets: peft.Match("q_proj", "v_proj")})
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
	in := peft.Tensors{
		"input_ids":    tensors.FromValue([][]int32{{3, 7, 2}, {3, 9, 2}}),
		"pixel_values": tensors.FromFlatDataAndDimensions(make([]float32, 2*3*4*4), 2, 3, 4, 4),
	}
	out, err := adapted.Forward(context.Background(), adapted.All(), in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out["logits_per_text"].Shape(), out["loss"].Shape())
	// Output:
	// text_model.encoder.layers.0.self_attn.v_proj
	// text_model.encoder.layers.0.self_attn.q_proj
	// vision_model.encoder.layers.0.self_attn.v_proj
	// vision_model.encoder.layers.0.self_attn.q_proj
	// (Float32)[2, 2] (Float32)
}
