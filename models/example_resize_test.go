package models_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Two new tokens: the backbone gets rows for them, and an adapter trains embeddings and head whole. Its file holds them, so
// that it opens on the backbone as it was, each adapter with its own vocabulary.
func ExampleResize() {
	backbone, err := models.Random([]byte(`{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 50,
		"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}`), models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	more, err := models.Resize(backbone, 52, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{7, 50, 51}})}
	_, err = backbone.Forward(context.Background(), in)
	fmt.Println(err)
	adapted, err := peft.Attach(more, "tokens", &lora.Config{
		Targets: peft.Match("q_proj", "v_proj"), Common: peft.Common{ModulesToSave: []string{"embed_tokens", "lm_head"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := adapted.Forward(context.Background(), peft.Use("tokens"), in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out["logits"].Shape().Dimensions)
	// Output:
	// input_ids: value 50 at 1 is outside 0..49
	// [1 3 52]
}
