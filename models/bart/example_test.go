package bart_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// The decoder reads the labels one later, behind the start token, unless decoder_input_ids are given. A checkpoint's
// folder goes to models.Load instead.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bart", "architectures": ["BartForConditionalGeneration"], "d_model": 16,
		"encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 2, "decoder_attention_heads": 4, "encoder_ffn_dim": 32,
		"decoder_ffn_dim": 32, "vocab_size": 50, "max_position_embeddings": 64}`), models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := backbone.Forward(context.Background(), peft.Tensors{
		"input_ids":      tensors.FromValue([][]int32{{0, 8, 9, 2}, {0, 11, 2, 1}}),
		"attention_mask": tensors.FromValue([][]int32{{1, 1, 1, 1}, {1, 1, 1, 0}}),
		"labels":         tensors.FromValue([][]int32{{0, 7, 2}, {0, 2, -100}}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(out["logits"].Shape().Dimensions, out["encoder_last_hidden_state"].Shape().Dimensions)
	fmt.Printf("loss near ln 50 = 3.9: %.1f\n", tensors.ToScalar[float32](out["loss"]))
	// Output:
	// [2 3 50] [2 4 16]
	// loss near ln 50 = 3.9: 3.9
}
