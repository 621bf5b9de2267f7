package optim_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"

	"github.com/gopeft/gopeft/optim"
)

// settings are the arguments of torch's optimisers under torch's names; what is absent stays the zero value.
type settings struct {
	LR            float64
	Betas         [2]float64
	Eps           any // two numbers for Adafactor
	Momentum      float64
	Dampening     float64
	Nesterov      bool
	AMSGrad       bool
	Centered      bool
	Alpha         float64
	Rho           float64
	D             float64
	LRDecay       float64  `json:"lr_decay"`
	Initial       float64  `json:"initial_accumulator_value"`
	MomentumDecay float64  `json:"momentum_decay"`
	Beta2Decay    float64  `json:"beta2_decay"`
	WeightDecay   *float64 `json:"weight_decay"`
}

// read decodes settings; one that the table does not know would prove nothing.
func read(t testing.TB, args []byte) (s settings) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(args))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&s))
	return s
}

// decay returns the weight decay as a field takes it.
func (s settings) decay() float64 {
	if s.WeightDecay == nil {
		return 0
	}
	return optim.Exactly(*s.WeightDecay)
}

// eps returns the only eps, or 0.
func (s settings) eps() float64 {
	eps, _ := s.Eps.(float64)
	return eps
}

// epsPair returns both of Adafactor's.
func (s settings) epsPair() (pair [2]float64) {
	if both, ok := s.Eps.([]any); ok {
		pair[0], pair[1] = both[0].(float64), both[1].(float64)
	}
	return pair
}

// optimizers makes an optimiser for each name in the fixtures; a new one joins with its row.
var optimizers = map[string]func(settings) optim.Optimizer{
	"sgd": func(s settings) optim.Optimizer {
		return optim.SGD{LR: s.LR, Momentum: s.Momentum, Dampening: s.Dampening, Nesterov: s.Nesterov, WeightDecay: s.decay()}
	},
	"adam": func(s settings) optim.Optimizer {
		return optim.Adam{LR: s.LR, Betas: s.Betas, Eps: s.eps(), AMSGrad: s.AMSGrad, WeightDecay: s.decay()}
	},
	"adamw": func(s settings) optim.Optimizer {
		return optim.AdamW{LR: s.LR, Betas: s.Betas, Eps: s.eps(), AMSGrad: s.AMSGrad, WeightDecay: s.decay()}
	},
	"adamax": func(s settings) optim.Optimizer {
		return optim.Adamax{LR: s.LR, Betas: s.Betas, Eps: s.eps(), WeightDecay: s.decay()}
	},
	"nadam": func(s settings) optim.Optimizer {
		return optim.NAdam{LR: s.LR, Betas: s.Betas, Eps: s.eps(), MomentumDecay: s.MomentumDecay, WeightDecay: s.decay()}
	},
	"radam": func(s settings) optim.Optimizer {
		return optim.RAdam{LR: s.LR, Betas: s.Betas, Eps: s.eps(), WeightDecay: s.decay()}
	},
	"adagrad": func(s settings) optim.Optimizer {
		return optim.Adagrad{LR: s.LR, RateDecay: s.LRDecay, Initial: s.Initial, Eps: s.eps(), WeightDecay: s.decay()}
	},
	"rmsprop": func(s settings) optim.Optimizer {
		return optim.RMSprop{LR: s.LR, Alpha: s.Alpha, Eps: s.eps(), Momentum: s.Momentum, Centered: s.Centered, WeightDecay: s.decay()}
	},
	"adadelta": func(s settings) optim.Optimizer {
		return optim.Adadelta{LR: s.LR, Rho: s.Rho, Eps: s.eps(), WeightDecay: s.decay()}
	},
	"adafactor": func(s settings) optim.Optimizer {
		return optim.Adafactor{LR: s.LR, Beta2Decay: s.Beta2Decay, Eps: s.epsPair(), D: s.D, WeightDecay: s.decay()}
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
	for _, c := range p.Cases {
		construct, known := optimizers[c.Name]
		require.True(t, known, "no optimiser for the row %q", c.Name)
		t.Run(c.Name+string(c.Args), func(t *testing.T) {
			o := construct(read(t, c.Args))
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
	require.Len(t, p.Cases, 17)
}
