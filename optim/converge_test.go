package optim_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"

	"github.com/gopeft/gopeft/optim"
)

// rows is the table that a new optimiser joins with one line: a setting that reaches the targets, and one of the
// same structure with other numbers.
var rows = []struct {
	name   string
	rates  [2]float64 // that suit the parabola and Rosenbrock's valley
	make   func(lr float64) optim.Optimizer
	retune optim.Optimizer
}{
	{"sgd", [2]float64{0.1, 1.5e-3}, func(lr float64) optim.Optimizer { return optim.SGD{LR: lr} }, optim.SGD{LR: 3}},
	{"sgd momentum", [2]float64{0.02, 5e-4}, func(lr float64) optim.Optimizer {
		return optim.SGD{LR: lr, Momentum: 0.9}
	}, optim.SGD{Momentum: 0.1, Dampening: 0.5}},
	{"sgd nesterov", [2]float64{0.02, 5e-4}, func(lr float64) optim.Optimizer {
		return optim.SGD{LR: lr, Momentum: 0.9, Nesterov: true}
	}, optim.SGD{Momentum: 0.1, Nesterov: true}},
	{"adam", [2]float64{0.1, 0.05}, func(lr float64) optim.Optimizer { return optim.Adam{LR: lr} },
		optim.Adam{Betas: [2]float64{0.5, 0.5}, Eps: optim.Zero}},
	{"amsgrad", [2]float64{0.1, 0.05}, func(lr float64) optim.Optimizer { return optim.Adam{LR: lr, AMSGrad: true} },
		optim.Adam{Eps: 1, AMSGrad: true}},
	{"adamw", [2]float64{0.1, 0.05}, func(lr float64) optim.Optimizer { return optim.AdamW{LR: lr, WeightDecay: 1e-5} },
		optim.AdamW{WeightDecay: 0.5}},
	{"adamax", [2]float64{0.1, 0.05}, func(lr float64) optim.Optimizer { return optim.Adamax{LR: lr} },
		optim.Adamax{Betas: [2]float64{0.5, 0.5}}},
	{"nadam", [2]float64{0.1, 0.05}, func(lr float64) optim.Optimizer { return optim.NAdam{LR: lr} },
		optim.NAdam{MomentumDecay: optim.Zero}},
	{"radam", [2]float64{0.1, 1e-3}, func(lr float64) optim.Optimizer { return optim.RAdam{LR: lr} },
		optim.RAdam{Betas: [2]float64{0.5, 0.5}}},
	{"adagrad", [2]float64{1, 0.5}, func(lr float64) optim.Optimizer { return optim.Adagrad{LR: lr} },
		optim.Adagrad{RateDecay: 0.1, Initial: 1}},
	{"rmsprop", [2]float64{0.05, 0.005}, func(lr float64) optim.Optimizer { return optim.RMSprop{LR: lr} },
		optim.RMSprop{Alpha: optim.Zero}},
	{"rmsprop centered", [2]float64{0.01, 0.001}, func(lr float64) optim.Optimizer {
		return optim.RMSprop{LR: lr, Momentum: 0.5, Centered: true, Eps: 1e-4}
	}, optim.RMSprop{Momentum: 0.9, Centered: true}},
	{"adadelta", [2]float64{10, 3}, func(lr float64) optim.Optimizer { return optim.Adadelta{LR: lr} },
		optim.Adadelta{Rho: optim.Zero}},
	{"adafactor", [2]float64{0.1, 0.05}, func(lr float64) optim.Optimizer { return optim.Adafactor{LR: lr} },
		optim.Adafactor{D: 3, Eps: [2]float64{1e-3, 1e-2}}},
	{"loraplus", [2]float64{0.025, 0.0125}, func(lr float64) optim.Optimizer {
		return optim.LoRAPlus{Optimizer: optim.Adam{LR: lr}, Ratio: 4}
	}, optim.LoRAPlus{Optimizer: optim.Adam{Eps: 1}, EmbeddingRate: 1}},
	{"lorafa", [2]float64{0.1, 0.05}, func(lr float64) optim.Optimizer { return optim.LoRAFA{LR: lr, WeightDecay: 1e-5} },
		optim.LoRAFA{WeightDecay: 0.5, Eps: 1, Alpha: 3}},
	{"riemannian", [2]float64{0.1, 0.05}, func(lr float64) optim.Optimizer {
		return optim.Riemannian{Optimizer: optim.Adam{LR: lr}}
	}, optim.Riemannian{Optimizer: optim.Adam{Eps: 1}, Reg: 3}},
}

// targets are functions with a known minimum.
var targets = []struct {
	name         string
	steps        int
	start, least []float64
	grad         func(x []float64) []float64
}{
	{"parabola", 2000, []float64{-1, 10, 1}, []float64{1, -1, 1}, func(x []float64) []float64 {
		return []float64{2 * (x[0] - 1), 2 * (x[1] + 1), 2 * (x[2] - 1)}
	}},
	{"rosenbrock", 10000, []float64{0, 0}, []float64{1, 1}, func(x []float64) []float64 {
		return []float64{2*(x[0]-1) - 400*x[0]*(x[1]-x[0]*x[0]), 200 * (x[1] - x[0]*x[0])}
	}},
}

// TestConverge holds every row to what all optimisers owe.
func TestConverge(t *testing.T) {
	for _, row := range rows {
		for i, target := range targets {
			t.Run(row.name+"/"+target.name, func(t *testing.T) {
				o := row.make(row.rates[i])
				require.NoError(t, o.Validate())
				r := start(t, o.Transform(), []string{"x"}, narrow(target.start))
				for step := range target.steps { // cosine, so that none ends by circling the minimum
					x := widen(r.flat(0))
					r.apply(o.Rate()*optim.Cosine{}.Factor(step, target.steps), narrow(target.grad(x)))
				}
				require.Less(t, floats.Distance(widen(r.flat(0)), target.least, 2), 0.1, "ended at %v", r.flat(0))
				require.Equal(t, 1, r.builds, "a change of the learning rate recompiled")
			})
		}
	}
}

// TestKey: numbers and names are not in the key, structure is.
func TestKey(t *testing.T) {
	key := func(o optim.Optimizer, params ...optim.Variable) string {
		plan, err := optim.Build(o.Transform(), params)
		require.NoError(t, err)
		return plan.Key()
	}
	seen := make(map[string]string)
	for _, row := range rows {
		k := key(row.make(1), param("a/w", 2, 3))
		require.Empty(t, seen[k], "%s has the key of another structure", row.name)
		seen[k] = row.name
		require.NotEqual(t, k, key(row.make(1), param("a/w", 3, 2)), "other shapes")
		require.Equal(t, k, key(row.make(0.1), param("b/w", 2, 3)), "%s: equal shapes share a program", row.name)
		require.Equal(t, k, key(row.retune, param("a/w", 2, 3)), "%s: a number shapes the graph", row.name)
	}
}

// TestResume: a run that is stopped goes on to the same bits from its values, its state and its step number.
func TestResume(t *testing.T) {
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			p := leastSquares(t)
			whole := start(t, row.make(0.01).Transform(), []string{"x"}, vector(p.Start...))
			resumed := start(t, row.make(0.01).Transform(), []string{"x"}, vector(p.Start...))
			for step := range 8 {
				if step == 4 {
					resumed = start(t, row.make(0.01).Transform(), []string{"x"}, vector(resumed.flat(0)...))
					resumed.step = 4
					for i, s := range whole.state {
						resumed.state[i] = tensors.FromFlatDataAndDimensions(
							tensors.MustCopyFlatData[float32](s), s.Shape().Dimensions...)
					}
				}
				whole.apply(0.01, vector(p.gradient(whole.flat(0))...))
				resumed.apply(0.01, vector(p.gradient(resumed.flat(0))...))
			}
			require.Equal(t, whole.flat(0), resumed.flat(0))
			require.NotEqual(t, p.Start, whole.flat(0))
		})
	}
}

// narrow makes a float32 tensor of x.
func narrow(x []float64) *tensors.Tensor {
	flat := make([]float32, len(x))
	for i, v := range x {
		flat[i] = float32(v)
	}
	return vector(flat...)
}

// widen is x in float64.
func widen(x []float32) []float64 {
	wide := make([]float64, len(x))
	for i, v := range x {
		wide[i] = float64(v)
	}
	return wide
}
