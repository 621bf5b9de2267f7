package beft_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gopeft/gopeft/ia3/beft"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Values of a Llama get a bias, which they have none of: so it can't be merged.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 16,
		"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "tone", &beft.Config{})
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
	_, err = adapted.Merge(context.Background(), adapted.All())
	fmt.Println(errors.Is(err, peft.ErrMerge))
	// Output:
	// base_model.model.model.layers.0.self_attn.v_proj.beft_bias [1 16]
	// base_model.model.model.layers.1.self_attn.v_proj.beft_bias [1 16]
	// true
}
