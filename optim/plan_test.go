package optim_test

import (
	"math"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
)

// TestFields: every setting that cannot be used is an error that names its field, under the type the user wrote.
func TestFields(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		o           optim.Optimizer
		owner, name string
	}{
		{optim.AdamW{LR: -1}, "AdamW", "LR"},
		{optim.AdamW{LR: nan}, "AdamW", "LR"},
		{optim.AdamW{LR: inf}, "AdamW", "LR"},
		{optim.AdamW{Betas: [2]float64{1, 0.9}}, "AdamW", "Betas[0]"},
		{optim.AdamW{Betas: [2]float64{0.9, -0.1}}, "AdamW", "Betas[1]"},
		{optim.Adam{Betas: [2]float64{0.9, nan}}, "Adam", "Betas[1]"},
		{optim.AdamW{Eps: -1e-8}, "AdamW", "Eps"},
		{optim.AdamW{WeightDecay: -0.1}, "AdamW", "WeightDecay"},
		{optim.AdamW{WeightDecay: nan, NoDecay: []string{"bias"}}, "AdamW", "WeightDecay"},
		{optim.SGD{LR: -1}, "SGD", "LR"},
		{optim.SGD{Momentum: 1}, "SGD", "Momentum"},
		{optim.SGD{Momentum: nan}, "SGD", "Momentum"},
		{optim.SGD{Momentum: 0.9, Dampening: 2}, "SGD", "Dampening"},
		{optim.SGD{Dampening: 0.1, Nesterov: true, Momentum: 0.9}, "SGD", "Nesterov"},
		{optim.SGD{Nesterov: true}, "SGD", "Nesterov"},
		{optim.SGD{WeightDecay: inf}, "SGD", "WeightDecay"},
		{optim.SGD{Dampening: 0.5}, "SGD", "Dampening"},
		{optim.Adamax{Betas: [2]float64{0, 1}}, "Adamax", "Betas[1]"},
		{optim.NAdam{MomentumDecay: -1}, "NAdam", "MomentumDecay"},
		{optim.RAdam{Eps: nan}, "RAdam", "Eps"},
		{optim.Adagrad{RateDecay: -1}, "Adagrad", "RateDecay"},
		{optim.Adagrad{Initial: -1}, "Adagrad", "Initial"},
		{optim.RMSprop{Alpha: 1}, "RMSprop", "Alpha"},
		{optim.RMSprop{Momentum: 1}, "RMSprop", "Momentum"},
		{optim.Adadelta{Rho: -0.1}, "Adadelta", "Rho"},
		{optim.Adafactor{Beta2Decay: 0.8}, "Adafactor", "Beta2Decay"},
	} {
		var field *optim.FieldError
		err := c.o.Validate()
		require.ErrorAs(t, err, &field, "%+v", c.o)
		require.Equal(t, c.owner+"."+c.name, field.Owner+"."+field.Field)
		require.ErrorIs(t, err, optim.ErrConfig)
		if c.name != "LR" { // the rate is no part of the transform
			_, err = optim.Build(c.o.Transform(), nil)
			require.ErrorIs(t, err, optim.ErrConfig)
		}
	}
	for _, o := range []optim.Optimizer{
		optim.AdamW{}, optim.Adam{}, optim.SGD{}, optim.Adamax{}, optim.NAdam{}, optim.RAdam{}, optim.Adagrad{},
		optim.RMSprop{}, optim.Adadelta{}, optim.Adafactor{},
		optim.AdamW{LR: optim.Zero, Betas: [2]float64{optim.Zero, optim.Zero}, Eps: optim.Zero, WeightDecay: optim.Zero},
	} {
		require.NoError(t, o.Validate())
	}
	require.EqualError(t, optim.AdamW{Betas: [2]float64{1.5, 0}}.Validate(), "optim: AdamW.Betas[0] is 1.5; want a number in [0, 1)")
}

// TestDefaults: the zero value is torch's default, and Zero is not the zero value.
func TestDefaults(t *testing.T) {
	require.Equal(t, optim.Chain{
		optim.ScaleByAdam{Betas: [2]float64{0.9, 0.999}, Eps: 1e-8},
		optim.DecayWeights{WeightDecay: 0.01},
		optim.ScaleByRate{},
	}, optim.AdamW{}.Transform())
	require.Equal(t, optim.Chain{
		optim.ScaleByAdam{Betas: [2]float64{0, 0.5}},
		optim.Chain{},
		optim.ScaleByRate{},
	}, optim.AdamW{Betas: [2]float64{optim.Zero, 0.5}, Eps: optim.Zero, WeightDecay: optim.Exactly(0)}.Transform())
	require.Equal(t, 1e-3, optim.AdamW{}.Rate())
	require.Equal(t, 1e-3, optim.Adam{}.Rate())
	require.Equal(t, 1e-3, optim.SGD{}.Rate())
	require.Zero(t, optim.SGD{LR: optim.Zero}.Rate())
	require.Equal(t, 0.3, optim.Exactly(0.3))
}

func TestBuildErrors(t *testing.T) {
	var missing *optim.Mask
	for name, c := range map[string]struct {
		transform optim.Transform
		params    []optim.Variable
		says      string
	}{
		"no transform":  {nil, nil, "Plan.Transform"},
		"nil pointer":   {missing, nil, "Plan.Transform"},
		"nil link":      {optim.Chain{optim.ScaleByRate{}, nil}, nil, "Chain.1"},
		"bad link":      {optim.Chain{optim.ClipNorm{Max: -1}}, nil, "ClipNorm.Max"},
		"bad scale":     {optim.Scale{Factor: math.Inf(1)}, nil, "Scale.Factor"},
		"no match":      {optim.Mask{Inner: optim.ScaleByRate{}}, nil, "Mask.Match"},
		"empty mask":    {optim.Mask{Match: optim.Contains()}, nil, "Mask.Inner"},
		"every zero":    {optim.Accumulate{Inner: optim.ScaleByRate{}}, nil, "Accumulate.Every"},
		"every alone":   {optim.Accumulate{Every: 2}, nil, "Accumulate.Inner"},
		"no path":       {optim.ScaleByRate{}, []optim.Variable{param("")}, "parameter 0 has no path"},
		"path twice":    {optim.ScaleByRate{}, []optim.Variable{param("a"), param("a")}, `"a" is given twice`},
		"integer":       {optim.ScaleByRate{}, []optim.Variable{{Path: "i", Shape: shapes.Make(dtypes.Int32, 2)}}, `"i" is (Int32)[2]`},
		"slots collide": {optim.Chain{optim.Momentum{}, optim.Momentum{}}, []optim.Variable{param("a")}, `"momentum/a"`},
	} {
		_, err := optim.Build(c.transform, c.params)
		require.ErrorIs(t, err, optim.ErrConfig, name)
		require.ErrorContains(t, err, c.says, name)
	}
}

func TestScalarsErrors(t *testing.T) {
	plan, err := optim.Build(optim.AdamW{}.Transform(), []optim.Variable{param("a", 2)})
	require.NoError(t, err)
	for _, step := range []int{0, -1} {
		_, err = plan.Scalars(step, 1)
		require.ErrorIs(t, err, optim.ErrConfig)
	}
	for _, lr := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err = plan.Scalars(1, lr)
		require.ErrorIs(t, err, optim.ErrConfig)
	}
}

// TestHalfPrecision: parameters and gradients in bfloat16 go through the float32 arithmetic, and only the new
// value is rounded.
func TestHalfPrecision(t *testing.T) {
	half := func(x ...float32) *tensors.Tensor {
		flat := make([]bfloat16.BFloat16, len(x))
		for i, v := range x {
			flat[i] = bfloat16.FromFloat32(v)
		}
		return tensors.FromFlatDataAndDimensions(flat, len(x))
	}
	low := start(t, optim.AdamW{}.Transform(), []string{"x"}, half(1, -2))
	full := start(t, optim.AdamW{}.Transform(), []string{"x"}, vector(1, -2))
	require.InEpsilon(t, full.apply(0.1, vector(0.5, 3)), low.apply(0.1, half(0.5, 3)), 1e-6)
	require.Equal(t, dtypes.BFloat16, low.values[0].DType())
	for i, b := range tensors.MustCopyFlatData[bfloat16.BFloat16](low.values[0]) {
		require.Equal(t, bfloat16.FromFloat32(full.flat(0)[i]), b)
	}
	require.Equal(t, tensors.MustCopyFlatData[float32](full.state[0]), tensors.MustCopyFlatData[float32](low.state[0]))
}

// TestApplyNames: a tensor that does not fit is named.
func TestApplyNames(t *testing.T) {
	plan, err := optim.Build(optim.SGD{Momentum: 0.9}.Transform(), []optim.Variable{param("a", 2)})
	require.NoError(t, err)
	two, three, numbers := []float32{1, 2}, []float32{1, 2, 3}, []float32{0, 0, 0}
	be := backend(t)
	for says, in := range map[string][]any{
		`"a" is (Float32)[2]; its value`:    {three, two, two, numbers},
		`"a" is (Float32)[2]; its gradient`: {two, three, two, numbers},
		`"momentum/a" is (Float32)[2]`:      {two, two, three, numbers},
	} {
		exec, err := graph.NewExec(be, func(in []*graph.Node) []*graph.Node {
			values, _, _ := plan.Apply(in[:1], in[1:2], in[2:3], in[3])
			return values
		})
		require.NoError(t, err)
		_, err = exec.Call(in...)
		require.ErrorContains(t, err, says)
	}
}

// TestNothingToTrain: a plan over no parameters has a norm of zero.
func TestNothingToTrain(t *testing.T) {
	for _, transform := range []optim.Transform{
		optim.Chain{}, optim.AdamW{}.Transform(), optim.ClipNorm{Max: 1},
		optim.Accumulate{Every: 2, Inner: optim.SGD{}.Transform()},
	} {
		require.Zero(t, start(t, transform, nil).apply(1))
	}
}

// TestZeroPlan: what Build did not make is an error.
func TestZeroPlan(t *testing.T) {
	p := new(optim.Updater)
	_, err := p.Scalars(1, 0.1)
	require.ErrorIs(t, err, optim.ErrConfig)
	require.Empty(t, p.Key())
	require.Empty(t, p.Slots())
}
