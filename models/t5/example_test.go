package t5_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// The labels are the target's tokens; the decoder reads them one later by itself. A checkpoint's folder goes to
// models.Load instead.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "d_model": 16,
		"d_kv": 4, "d_ff": 32, "num_layers": 2, "num_heads": 4, "vocab_size": 50, "decoder_start_token_id": 0}`), models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	config := &lora.Config{R: 4, Targets: peft.Match("q", "v")} // of both stacks, and of the attention between them
	config.TaskType = "SEQ_2_SEQ_LM"
	adapted, err := peft.Attach(backbone, "titles", config)
	if err != nil {
		fmt.Println(err)
		return
	}
	adapter, err := adapted.Adapter("titles")
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := adapted.Forward(context.Background(), adapted.All(), peft.Tensors{
		"input_ids":      tensors.FromValue([][]int32{{7, 8, 9, 1}, {11, 1, 0, 0}}),
		"attention_mask": tensors.FromValue([][]int32{{1, 1, 1, 1}, {1, 1, 0, 0}}),
		"labels":         tensors.FromValue([][]int32{{7, 8, 1}, {11, 1, -100}}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(adapter.Sites()), backbone.Info().Head, out["logits"].Shape().Dimensions)
	fmt.Printf("loss near ln 50 = 3.9: %.1f\n", tensors.ToScalar[float32](out["loss"]))
	// Output:
	// 12 seq2seq-lm [2 3 50]
	// loss near ln 50 = 3.9: 3.9
}
