package norm_test

import (
	"fmt"

	"github.com/gopeft/gopeft/ia3/norm"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// The norms of a Llama train, and nothing else.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 16,
		"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "tone", &norm.Config{})
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
		fmt.Println(p.Site, p.Name, p.Shape)
	}
	// Output:
	// model.layers.0.input_layernorm weight [16]
	// model.layers.0.post_attention_layernorm weight [16]
	// model.norm weight [16]
}
