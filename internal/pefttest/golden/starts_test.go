package golden_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// TestStarts holds the starts that come from the weights, PiSSA, OLoRA and MiCA, to HF PEFT's: the rows of A with the columns
// of B, of which a decomposition gives both or neither with the other sign. KaSA's start, which draws A, shows in what it
// leaves of the weights.
func TestStarts(t *testing.T) {
	f, e := golden.Variants(t), golden.OpenEngine(t)
	ran := 0
	for _, base := range []string{"bert_seqcls", "gpt2_lm", "llama_lm"} {
		b, err := f.Base(e, base)
		require.NoError(t, err)
		cases, err := f.Cases(base)
		require.NoError(t, err)
		for _, name := range cases {
			c, err := f.Case(base, name)
			require.NoError(t, err)
			start := golden.Under(c.Golden, "start.base_model.model.")
			if len(start) == 0 || strings.Contains(name, "kasa") {
				continue
			}
			ran++
			t.Run(base+"/"+name, func(t *testing.T) {
				raw, err := os.ReadFile(filepath.Join(c.Dir, peft.ConfigFile))
				require.NoError(t, err)
				cfg, err := peft.ParseConfig(raw)
				require.NoError(t, err)
				a, err := peft.Attach(b.Backbone, "a", cfg)
				require.NoError(t, err)
				ad, err := a.Adapter("a")
				require.NoError(t, err)
				held := 0
				for key, up := range start {
					down, ok := start[strings.Replace(key, "lora_B", "lora_A", 1)]
					if !ok || !strings.Contains(key, "lora_B") {
						continue
					}
					held++
					value := func(key string) *peft.Tensor {
						v, err := ad.Value("base_model.model." + key)
						require.NoError(t, err)
						return v
					}
					gotUp, gotDown := value(key), value(strings.Replace(key, "lora_B", "lora_A", 1))
					pairs(t, key, columns(up), rows(down), columns(gotUp), rows(gotDown))
				}
				require.Positive(t, held)
			})
		}
	}
	require.GreaterOrEqual(t, ran, 8)
}

// pairs compares column i of B and row i of A, both with their signs or both without.
func pairs(t *testing.T, key string, up, down, gotUp, gotDown [][]float64) {
	t.Helper()
	require.Len(t, gotUp, len(up), key)
	require.Len(t, gotDown, len(down), key)
	for i := range up {
		want, got := append(up[i], down[i]...), append(gotUp[i], gotDown[i]...)
		require.Len(t, got, len(want), key)
		plain, opposite, size := 0.0, 0.0, 0.0
		for j, w := range want {
			plain += (w - got[j]) * (w - got[j])
			opposite += (w + got[j]) * (w + got[j])
			size += w * w
		}
		require.LessOrEqual(t, math.Sqrt(min(plain, opposite)/size), 1e-3, "%s: pair %d", key, i)
	}
}

func rows(x *peft.Tensor) [][]float64 { return vectors(x, false) }

func columns(x *peft.Tensor) [][]float64 { return vectors(x, true) }

func vectors(x *peft.Tensor, columns bool) [][]float64 {
	flat := tensors.MustCopyFlatData[float32](x)
	high, wide := x.Shape().Dimensions[0], x.Shape().Dimensions[1]
	out := make([][]float64, high)
	if columns {
		out = make([][]float64, wide)
	}
	for i := range high {
		for j := range wide {
			at := i
			if columns {
				at = j
			}
			out[at] = append(out[at], float64(flat[i*wide+j]))
		}
	}
	return out
}
