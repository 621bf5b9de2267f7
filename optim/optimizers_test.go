package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"

	"github.com/gopeft/gopeft/optim"
)

// settings are the arguments of torch's optimisers as the fixture names them.
type settings struct {
	LR          float64
	Betas       [2]float64
	Eps         float64
	Momentum    float64
	Dampening   float64
	Nesterov    bool
	AMSGrad     bool
	WeightDecay *float64 `json:"weight_decay"`
}

// decayed returns the decay as a field takes it: absent stays the zero value.
func (s settings) decayed() float64 {
	if s.WeightDecay == nil {
		return 0
	}
	return optim.Exactly(*s.WeightDecay)
}

// optimizers makes an optimiser for each name in the fixture; a new one joins with its row.
var optimizers = map[string]func(settings) optim.Optimizer{
	"sgd": func(s settings) optim.Optimizer {
		return optim.SGD{LR: s.LR, Momentum: s.Momentum, Dampening: s.Dampening, Nesterov: s.Nesterov, WeightDecay: s.decayed()}
	},
	"adam": func(s settings) optim.Optimizer {
		return optim.Adam{LR: s.LR, Betas: s.Betas, Eps: s.Eps, AMSGrad: s.AMSGrad, WeightDecay: s.decayed()}
	},
	"adamw": func(s settings) optim.Optimizer {
		return optim.AdamW{LR: s.LR, Betas: s.Betas, Eps: s.Eps, AMSGrad: s.AMSGrad, WeightDecay: s.decayed()}
	},
}

// problem is the fixture's least squares: the objective is the squared length of A x - b.
type problem struct {
	A     [][]float64
	B     []float64
	Start []float32
	Cases []struct {
		Name string
		Args json.RawMessage
		Path [][]float64
	}
}

// gradient is 2 A^T (A x - b), in float64.
func (p problem) gradient(x []float32) []float32 {
	grad := make([]float64, len(x))
	for i, row := range p.A {
		residual := -p.B[i]
		for j, a := range row {
			residual += a * float64(x[j])
		}
		for j, a := range row {
			grad[j] += 2 * a * residual
		}
	}
	out := make([]float32, len(x))
	for i, g := range grad {
		out[i] = float32(g)
	}
	return out
}

func leastSquares(t testing.TB) (p problem) {
	t.Helper()
	raw, err := os.ReadFile("testdata/optimizers.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &p))
	return p
}

// TestTorch follows torch's paths, which were made by its own optimisers.
func TestTorch(t *testing.T) {
	p := leastSquares(t)
	ran := make(map[string]int)
	for _, c := range p.Cases {
		construct, known := optimizers[c.Name]
		if !known {
			continue
		}
		ran[c.Name]++
		t.Run(c.Name+string(c.Args), func(t *testing.T) {
			var s settings
			require.NoError(t, json.Unmarshal(c.Args, &s))
			o := construct(s)
			require.NoError(t, o.Validate())
			r := start(t, o.Transform(), []string{"x"}, vector(p.Start...))
			require.Len(t, c.Path, 12)
			for step, want := range c.Path {
				r.apply(o.Rate(), vector(p.gradient(r.flat(0))...))
				// Relative to the iterate's largest element: one that crosses zero is the difference of such.
				tolerance := 1e-6 * floats.Norm(want, math.Inf(1))
				for i, got := range r.flat(0) {
					require.InDelta(t, want[i], got, tolerance, "element %d after step %d", i, step+1)
				}
			}
			require.Equal(t, 1, r.builds, "a step recompiled")
		})
	}
	require.Equal(t, map[string]int{"sgd": 4, "adam": 3, "adamw": 2}, ran)
}
