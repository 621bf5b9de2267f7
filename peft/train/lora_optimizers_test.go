package train_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Steps of HF PEFT's optimisers for LoRA, with clipped gradients (internal/testdata/gen/lora_trajectories.py).
func TestLoRAOptimizers(t *testing.T) {
	raw, err := os.ReadFile("testdata/lora_optimizers.json")
	require.NoError(t, err)
	var file struct {
		MaxNorm float64 `json:"max_norm"`
		Cases   []struct {
			Name, Case string
			Alpha      float64
			RSLoRA     bool
			Args       struct {
				LR        float64
				Decay     float64 `json:"weight_decay"`
				Ratio     float64 `json:"loraplus_lr_ratio"`
				Embedding float64 `json:"loraplus_lr_embedding"`
			}
			Losses, Norms []float64
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Cases)
	f, e := golden.OpenFixtures(t), golden.OpenEngine(t)
	base, err := f.Base(e, "bert_seqcls")
	require.NoError(t, err)
	for _, c := range file.Cases {
		t.Run(c.Name+"/"+c.Case, func(t *testing.T) {
			folder, err := f.Case("bert_seqcls", c.Case)
			require.NoError(t, err)
			a, err := peft.Load(base.Backbone, folder.Dir)
			require.NoError(t, err)
			adamw := optim.AdamW{LR: c.Args.LR, WeightDecay: optim.Zero}
			o := map[string]optim.Optimizer{
				"lorafa":     optim.LoRAFA{LR: c.Args.LR, WeightDecay: c.Args.Decay, Alpha: c.Alpha, RSLoRA: c.RSLoRA},
				"loraplus":   optim.LoRAPlus{Optimizer: adamw, Ratio: c.Args.Ratio, EmbeddingRate: c.Args.Embedding},
				"riemannian": optim.Riemannian{Optimizer: adamw},
			}[c.Name]
			before := values(t, a)
			var lost, norms []float64
			trainer, err := train.New(a, train.Options{
				Optimizer: o, Schedule: optim.Constant{}, MaxGradNorm: file.MaxNorm, Steps: len(c.Norms),
				OnStep: func(s train.Step) error {
					lost, norms = append(lost, s.Loss), append(norms, s.GradNorm)
					return nil
				},
			})
			require.NoError(t, err)
			_, err = trainer.FitSource(t.Context(), data.Fixed{Batch: data.Batch{Tensors: base.In, Rows: 3}})
			require.NoError(t, err)
			require.InEpsilonSlice(t, c.Losses[:len(lost)], lost, 1e-5)
			require.InEpsilonSlice(t, c.Norms, norms, 1e-4)
			out, err := a.Forward(t.Context(), a.All(), base.In)
			require.NoError(t, err)
			require.InEpsilon(t, c.Losses[len(lost)], flat(t, out["loss"])[0], 1e-5)

			for key, value := range values(t, a) {
				still := c.Name == "lorafa" && (strings.Contains(key, "lora_A") || strings.Contains(key, "lora_embedding_A"))
				if still {
					require.Equal(t, before[key], value, "%s moved", key)
				} else {
					require.NotEqual(t, before[key], value, "%s did not move", key)
				}
			}
		})
	}
}
