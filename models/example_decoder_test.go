package models_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// A causal language model's labels are its own ids; it moves them by itself. Padding and what is not to be learned is
// -100. A checkpoint's folder goes to models.Load instead.
func ExampleRandom_causalLM() {
	config := []byte(`{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 16, "num_hidden_layers": 2,
		"num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 32, "vocab_size": 50, "max_position_embeddings": 64,
		"rope_scaling": {"type": "linear", "factor": 4}}`)
	backbone, err := models.Random(config, models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := backbone.Forward(context.Background(), peft.Tensors{
		"input_ids":      tensors.FromValue([][]int32{{7, 8, 9, 10}, {11, 12, 0, 0}}),
		"attention_mask": tensors.FromValue([][]int32{{1, 1, 1, 1}, {1, 1, 0, 0}}),
		"labels":         tensors.FromValue([][]int32{{7, 8, 9, 10}, {11, 12, -100, -100}}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(backbone.Info().Head, backbone.Info().MaxPositions, out["logits"].Shape().Dimensions)
	fmt.Printf("loss near ln 50 = 3.9: %.1f\n", tensors.ToScalar[float32](out["loss"]))
	// Output:
	// causal-lm 256 [2 4 50]
	// loss near ln 50 = 3.9: 3.9
}
