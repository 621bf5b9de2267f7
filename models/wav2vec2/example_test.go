package wav2vec2_test

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// chord is a waveform in which one tone follows another.
func chord(samples int, tones ...float64) []float32 {
	out := make([]float32, samples)
	for i := range out {
		out[i] = float32(math.Sin(tones[i*len(tones)/samples] * float64(i)))
	}
	return out
}

// An adapter learns to read two waveforms. Blocks are left out by chance meanwhile, as the config says; labels are padded
// with -100 or the blank, waveforms with whatever attention_mask leaves out.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "wav2vec2", "architectures": ["Wav2Vec2ForCTC"], "hidden_size": 16,
		"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "conv_dim": [16, 16], "conv_kernel": [10, 3],
		"conv_stride": [5, 2], "feat_extract_norm": "layer", "num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2,
		"vocab_size": 5, "ctc_loss_reduction": "mean", "layerdrop": 0.1, "mask_time_prob": 0}`), models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "tones", &lora.Config{R: 4, Targets: peft.Match("q_proj", "v_proj", "projection"),
		Common: peft.Common{ModulesToSave: []string{"lm_head"}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := peft.Tensors{
		"input_values": tensors.FromValue([][]float32{chord(200, 0.2, 1.1), chord(200, 1.1, 0.5, 0.2)}),
		"labels":       tensors.FromValue([][]int32{{1, 2, -100}, {2, 3, 1}}),
	}
	source := data.Fixed{Batch: data.Batch{Tensors: batch, Rows: 2}}
	trainer, err := train.New(adapted, train.Options{Optimizer: optim.AdamW{LR: 0.05}, Steps: 120})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := trainer.FitSource(context.Background(), source); err != nil {
		fmt.Println(err)
		return
	}
	result, err := trainer.EvaluateSource(context.Background(), source)
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := adapted.Forward(context.Background(), peft.Use("tones"), batch)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("token error rate", result.Metrics["token_error_rate"])
	for _, row := range out["tokens"].Value().([][]int32) {
		fmt.Println(slices.DeleteFunc(row, func(token int32) bool { return token < 0 }))
	}
	// Output:
	// token error rate 0
	// [1 2]
	// [2 3 1]
}
