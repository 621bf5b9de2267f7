package hubert_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Waveforms are classified by the mean of their frames, those of the padding left out. A checkpoint's folder goes to
// models.Load instead.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "hubert", "architectures": ["HubertModel"], "hidden_size": 16,
		"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "conv_dim": [8, 8], "conv_kernel": [10, 3],
		"conv_stride": [5, 2], "feat_extract_norm": "layer", "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2}`),
		models.Backend("go"), models.Head("audio-classification"), models.Classes("yes", "no", "silence"))
	if err != nil {
		fmt.Println(err)
		return
	}
	alone, padded := make([]float32, 60), make([]float32, 90)
	mask := make([]int32, 90)
	for i := range alone {
		alone[i] = float32(i%7) - 3
		padded[i], mask[i] = alone[i], 1
	}
	logits := func(in peft.Tensors) []float32 {
		out, err := backbone.Forward(context.Background(), in)
		if err != nil {
			fmt.Println(err)
			return nil
		}
		return tensors.MustCopyFlatData[float32](out["logits"])
	}
	a := logits(peft.Tensors{"input_values": tensors.FromValue([][]float32{alone})})
	b := logits(peft.Tensors{"input_values": tensors.FromValue([][]float32{padded}), "attention_mask": tensors.FromValue([][]int32{mask})})
	fmt.Println(backbone.Info().Classes)
	for i := range a {
		if d := a[i] - b[i]; d > 1e-6 || d < -1e-6 {
			fmt.Println("padding was heard:", a, b)
		}
	}
	// Output: [yes no silence]
}
