package lora_test

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

// MonteCLoRA's gradients are the derivatives of the loss of a training step whose draws stay, those of what is drawn too; another
// step draws other numbers, and the adapter's variances and shares follow.
func TestMonteCLoRATrains(t *testing.T) {
	for _, name := range [][2]string{{"llama_lm", "lora-monteclora"}, {"bert_seqcls", "lora-monteclora"}} {
		given, in, _ := variant(t, name[0], name[1])
		// Larger draws and a larger part of the loss than the case's, so that differences show.
		cfg, err := peft.ParseConfig([]byte(`{"peft_type": "LORA", "r": 3, "init_lora_weights": false,
			"monteclora_config": {"num_samples": 3, "sample_scaler": 0.5, "kl_loss_weight": 0.02, "use_entropy": true}}`))
		require.NoError(t, err)
		a, err := peft.Attach(given.Backbone(), "a", cfg, peft.Lenient())
		require.NoError(t, err)
		params, err := a.Trainable(a.All())
		require.NoError(t, err)
		checked := map[string]int{}
		got := trained(t, a, in, 3, nil)
		other := trained(t, a, in, 4, nil)
		require.NotEqual(t, got["loss"].Value(), other["loss"].Value())
		require.Equal(t, got["loss"].Value(), trained(t, a, in, 3, nil)["loss"].Value())
		const step = 1e-2
		for i, p := range params {
			g := tensors.MustCopyFlatData[float32](got[p.FileKey()])
			length := 0.0
			for _, v := range g {
				length += float64(v) * float64(v)
			}
			if length = math.Sqrt(length); length < 5e-3 {
				continue // lost in the rounding of the loss
			}
			var loss [2]float64
			for side, sign := range []float64{1, -1} {
				values := make([]*peft.Tensor, len(params))
				for j, q := range params {
					values[j] = q.Value
				}
				flat := tensors.MustCopyFlatData[float32](p.Value)
				for j := range flat {
					flat[j] += float32(sign * step * float64(g[j]) / length)
				}
				values[i] = tensors.FromFlatDataAndDimensions(flat, p.Shape...)
				loss[side] = float64(tensors.ToScalar[float32](trained(t, a, in, 3, values)["loss"]))
			}
			require.InEpsilon(t, length, (loss[0]-loss[1])/(2*step), 0.02, p.FileKey())
			checked[p.Name]++
		}
		for _, name := range []string{"lora_A.weight", "lora_B.weight", "lora_monteclora_sampler.std_prior", "lora_monteclora_sampler.expert_weights_prior"} {
			require.Positive(t, checked[name], name)
		}
	}
}
