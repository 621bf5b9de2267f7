package shadow_test

import (
	"fmt"
	"log"

	"github.com/gopeft/gopeft/lora/shadow"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A network half as wide as the decoder goes along with its last two blocks.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":16,"num_hidden_layers":3,
		"num_attention_heads":2,"intermediate_size":32,"vocab_size":50,"max_position_embeddings":64}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "beside", &shadow.Config{R: 2, Hidden: new(8), LayersToTransform: peft.IntList(1, 2)})
	if err != nil {
		log.Fatal(err)
	}
	adapter, err := adapted.Adapter("beside")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(adapter.Sites())
	for _, p := range adapter.Params() {
		if p.Site == "" {
			fmt.Println(p.FileKey(), p.Shape)
		}
	}
	// Output:
	// [model.layers.1 model.layers.2]
	// base_model.shadow_backbone.default.embed_tokens.weight [50 8]
	// base_model.shadow_backbone.default.layers.0.self_attn.q_proj.weight [16 8]
	// base_model.shadow_backbone.default.layers.0.self_attn.k_proj.weight [16 8]
	// base_model.shadow_backbone.default.layers.0.self_attn.v_proj.weight [16 8]
	// base_model.shadow_backbone.default.layers.0.self_attn.o_proj.weight [8 16]
	// base_model.shadow_backbone.default.layers.0.mlp.gate_proj.weight [32 8]
	// base_model.shadow_backbone.default.layers.0.mlp.up_proj.weight [32 8]
	// base_model.shadow_backbone.default.layers.0.mlp.down_proj.weight [8 32]
	// base_model.shadow_backbone.default.layers.0.input_layernorm.weight [8]
	// base_model.shadow_backbone.default.layers.0.post_attention_layernorm.weight [8]
	// base_model.shadow_backbone.default.norm.weight [8]
	// base_model.shadow_projection.default.weight [16 8]
}
