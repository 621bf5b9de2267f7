package optim_test

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
)

// loraFile is what HF PEFT's optimisers did to a small LoRA (internal/testdata/gen/lora_optimizers.py): values and gradients by the
// keys of the adapter's file.
type loraFile struct {
	Shapes map[string][]int
	Start  map[string][]float32
	Grads  []map[string][]float32
	Cases  []loraCase
}

type loraCase struct {
	Name     string
	Settings struct {
		RSLoRA bool               `json:"use_rslora"`
		Alphas map[string]float64 `json:"alpha_pattern"`
	}
	Args struct {
		LR            float64
		Decay         float64 `json:"weight_decay"`
		PlusDecay     float64 `json:"loraplus_weight_decay"`
		Ratio         float64 `json:"loraplus_lr_ratio"`
		EmbeddingRate float64 `json:"loraplus_lr_embedding"`
		Momentum      float64
		Reg           float64
	}
	Path map[string]map[string][]float32 // by the number of steps
}

// optimizer makes ours.
func (c loraCase) optimizer(t *testing.T) optim.Optimizer {
	a := c.Args
	plus := func(o optim.Optimizer) optim.Optimizer {
		return optim.LoRAPlus{Optimizer: o, Ratio: a.Ratio, EmbeddingRate: a.EmbeddingRate}
	}
	switch c.Name {
	case "lorafa", "clipped lorafa", "lorafa-bf16":
		o := optim.LoRAFA{LR: a.LR, WeightDecay: a.Decay, Alpha: 6, RSLoRA: c.Settings.RSLoRA}
		if c.Settings.Alphas != nil {
			o.Strength = func(path string, rank int) float64 {
				for module, alpha := range c.Settings.Alphas {
					if strings.Contains(path, "."+module+".") {
						return alpha / float64(rank)
					}
				}
				return 6 / float64(rank)
			}
		}
		return o
	case "loraplus adamw":
		return plus(optim.AdamW{LR: a.LR, WeightDecay: optim.Exactly(a.PlusDecay), NoDecay: []string{"bias"}})
	case "loraplus sgd":
		return plus(optim.SGD{LR: a.LR, Momentum: a.Momentum})
	case "loraplus adafactor":
		return plus(optim.Adafactor{LR: a.LR})
	case "riemannian adamw":
		return optim.Riemannian{Optimizer: optim.AdamW{LR: a.LR, WeightDecay: optim.Zero}}
	case "riemannian sgd":
		return optim.Riemannian{Optimizer: optim.SGD{LR: a.LR, Momentum: a.Momentum}, Reg: a.Reg}
	}
	require.Fail(t, "no optimiser for "+c.Name)
	return nil
}

func loraSteps(t *testing.T) (f loraFile) {
	t.Helper()
	raw, err := os.ReadFile("testdata/lora.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &f))
	require.NotEmpty(t, f.Cases)
	return f
}

func (f loraFile) tensors(values map[string][]float32, keys []string) []*tensors.Tensor {
	out := make([]*tensors.Tensor, len(keys))
	for i, key := range keys {
		out[i] = tensors.FromFlatDataAndDimensions(values[key], f.Shapes[key]...)
	}
	return out
}

// TestLoRASteps follows HF PEFT's optimisers.
func TestLoRASteps(t *testing.T) {
	f := loraSteps(t)
	keys := slices.Sorted(maps.Keys(f.Shapes))
	for _, c := range f.Cases {
		t.Run(c.Name, func(t *testing.T) {
			o := c.optimizer(t)
			require.NoError(t, o.Validate())
			transform := o.Transform()
			if c.Name == "clipped lorafa" { // as a trainer does
				freezer, ok := o.(optim.Freezer)
				require.True(t, ok)
				transform = optim.Freeze{Match: freezer.Frozen, Inner: optim.Chain{optim.ClipNorm{Max: 0.5}, transform}}
			}
			r := start(t, transform, keys, f.tensors(f.Start, keys)...)
			for step, grads := range f.Grads {
				r.apply(o.Rate()*(1-0.1*float64(step)), f.tensors(grads, keys)...)
				for i, key := range keys {
					want, ok := c.Path[strconv.Itoa(step+1)][key]
					if !ok {
						continue
					}
					near := 2e-6
					if c.Name == "lorafa-bf16" {
						near = float64(step+1) / 256 * c.Args.LR // the rounding of a product in bfloat16, at each step
					}
					require.InDeltaSlice(t, want, r.flat(i), near, "%s after step %d", key, step+1)
					if strings.HasPrefix(c.Name, "lorafa") && (strings.Contains(key, "lora_A") || strings.Contains(key, "lora_embedding_A")) {
						require.Equal(t, f.Start[key], r.flat(i), "%s moved", key)
					}
				}
			}
			require.Equal(t, 1, r.builds)
		})
	}
}

// The norm of the trainer does not count what is frozen; gathered gradients neither.
func TestFreezeNorm(t *testing.T) {
	for _, inner := range []optim.Transform{optim.SGD{}.Transform(), optim.Accumulate{Every: 2, Inner: optim.SGD{}.Transform()}} {
		frozen := optim.Freeze{Match: optim.Contains("still"), Inner: inner}
		r := start(t, frozen, []string{"still", "moves"}, vector(1, 2), vector(3))
		require.InDelta(t, 4, r.apply(0.5, vector(9, float32(math.Inf(1))), vector(4)), 1e-6)
		r.apply(0.5, vector(9, 9), vector(4))
		require.Equal(t, []float32{1, 2}, r.flat(0))
		require.Less(t, r.flat(1)[0], float32(3))
	}
}

// LoRA-FA keeps no moments of what never moves.
func TestLoRAFASlots(t *testing.T) {
	params := []optim.Variable{param("q.lora_A.weight", 2, 3), param("q.lora_B.weight", 4, 2), param("head.weight", 5, 5)}
	plan, err := optim.Build(optim.LoRAFA{}.Transform(), params)
	require.NoError(t, err)
	var names []string
	for _, s := range plan.Slots() {
		names = append(names, s.Name)
	}
	require.Equal(t, []string{"adam.m/q.lora_B.weight", "adam.m/head.weight", "adam.v/q.lora_B.weight", "adam.v/head.weight"}, names)
}

// The factors of a convolution are those of a linear map of its patches. In groups they are not, and B has plain Adam; A stays.
func TestLoRAFAConvolution(t *testing.T) {
	a, b := []float32{1, 2, -1, 0.5, 3, 1, 0.25, -2}, []float32{0.5, 1, -1, 2, 0, 1}
	ga, gb := make([]float32, 8), []float32{1, -2, 0.5, 0.1, 3, -1}
	follow := func(o optim.Optimizer, paths []string, shapeA, shapeB []int) []float32 {
		r := start(t, o.Transform(), paths,
			tensors.FromFlatDataAndDimensions(a, shapeA...), tensors.FromFlatDataAndDimensions(b, shapeB...))
		for range 3 {
			r.apply(o.Rate(), tensors.FromFlatDataAndDimensions(ga, shapeA...), tensors.FromFlatDataAndDimensions(gb, shapeB...))
			gb[0]++
		}
		gb[0] -= 3
		require.Equal(t, a, r.flat(0))
		return r.flat(1)
	}
	// With SGD's kind of denominator, the size of gradients shows.
	o, names := optim.LoRAFA{LR: 0.1, Eps: 10}, []string{"c.lora_A.weight", "c.lora_B.weight"}
	linear := follow(o, names, []int{2, 4}, []int{3, 2})
	require.Equal(t, linear, follow(o, names, []int{2, 1, 2, 2}, []int{3, 2, 1, 1}))
	require.Equal(t, linear, follow(o, []string{"c.lora_A", "c.lora_B"}, []int{2, 4}, []int{3, 2}), "names without .weight")
	grouped := follow(o, names, []int{2, 1, 2, 2}, []int{6, 1, 1, 1})
	require.NotEqual(t, linear, grouped)
	require.NotEqual(t, b, grouped)
	other := follow(optim.LoRAFA{LR: 0.1, Eps: 10, Alpha: 4}, names, []int{2, 4}, []int{3, 2})
	require.NotEqual(t, linear, other)
	require.Equal(t, other, follow(optim.LoRAFA{LR: 0.1, Eps: 10, Strength: func(string, int) float64 { return 2 }}, names, []int{2, 4}, []int{3, 2}))
}

func TestLoRAOptimizersRefuse(t *testing.T) {
	var none *optim.AdamW
	for field, o := range map[string]optim.Optimizer{
		"LoRAPlus.Optimizer is <nil>":                optim.LoRAPlus{Optimizer: none},
		"LoRAPlus.Optimizer is 0":                    optim.LoRAPlus{Optimizer: optim.SGD{LR: optim.Zero}},
		"LoRAPlus.Optimizer is optim.LoRAFA":         optim.LoRAPlus{Optimizer: optim.LoRAFA{}},
		"LoRAPlus.Optimizer is *optim.Riemannian":    optim.LoRAPlus{Optimizer: &optim.Riemannian{}},
		"LoRAPlus.Ratio is -1":                       optim.LoRAPlus{Ratio: -1},
		"LoRAPlus.EmbeddingRate is NaN":              optim.LoRAPlus{EmbeddingRate: math.NaN()},
		"AdamW.Eps is -1":                            optim.LoRAPlus{Optimizer: optim.AdamW{Eps: -1}},
		"LoRAFA.Alpha is 0":                          optim.LoRAFA{Alpha: optim.Zero},
		"LoRAFA.Alpha is -2":                         optim.LoRAFA{Alpha: -2},
		"LoRAFA.Betas[1] is 1":                       optim.LoRAFA{Betas: [2]float64{0, 1}},
		"LoRAFA.WeightDecay is -1":                   optim.LoRAFA{WeightDecay: -1},
		"Riemannian.Reg is 0":                        optim.Riemannian{Reg: optim.Zero},
		"Riemannian.Reg is -1":                       optim.Riemannian{Reg: -1},
		"Riemannian.Optimizer is optim.LoRAFA; want": optim.Riemannian{Optimizer: optim.LoRAFA{}},
	} {
		err := o.Validate()
		require.ErrorIs(t, err, optim.ErrConfig, field)
		require.ErrorContains(t, err, field)
	}
}
