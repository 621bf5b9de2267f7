package arch_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/models/arch"
)

// row is a loss as torch computes it.
type row struct {
	Name   string
	Input  [][]float32
	Others struct{ Target json.RawMessage }
	Value  float64
	Grad   [][]float32
}

func open(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Open("")
	require.NoError(t, err)
	t.Cleanup(e.Close)
	return e
}

// torch made testdata/losses.json (rows of the project's golden losses).
func TestLossesAreTorchs(t *testing.T) {
	raw, err := os.ReadFile("testdata/losses.json")
	require.NoError(t, err)
	var rows []row
	require.NoError(t, json.Unmarshal(raw, &rows))
	e := open(t)
	for _, r := range rows {
		var target *tensors.Tensor
		var classes []int32
		var numbers [][]float32
		if json.Unmarshal(r.Others.Target, &classes) == nil {
			target = tensors.FromValue(classes)
		} else {
			require.NoError(t, json.Unmarshal(r.Others.Target, &numbers))
			target = tensors.FromValue(numbers)
		}
		problem := map[string]string{"mse": "regression"}[r.Name] // the others are known by their labels' type
		exec, err := graph.NewExec(e.Backend(), func(x, y *graph.Node) (*graph.Node, *graph.Node) {
			loss := arch.SequenceLoss(x, y, problem)
			return loss, graph.Gradient(loss, x)[0]
		})
		require.NoError(t, err)
		out, err := exec.Call(tensors.FromValue(r.Input), target)
		require.NoError(t, err)
		require.InDelta(t, r.Value, tensors.ToScalar[float32](out[0]), 1e-6*(1+math.Abs(r.Value)), r.Name)
		for i, want := range r.Grad {
			require.InDeltaSlice(t, want, out[1].Value().([][]float32)[i], 1e-6, r.Name)
		}
	}
	require.Len(t, rows, 4)
}

// Logits of a hundred and more must not overflow: the loss of a sure and right answer is 0, of a sure and wrong one
// the difference.
func TestLossOfLargeLogits(t *testing.T) {
	e := open(t)
	y, err := graph.CallOnce(e.Backend(), func(x, y *graph.Node) *graph.Node { return arch.CrossEntropy(x, y, arch.IgnoreIndex) },
		[][]float32{{500, -500}, {500, -500}}, []int32{0, 1})
	require.NoError(t, err)
	require.Equal(t, float32(500), y.Value())
}

// Spans outside the sequence are ignored, as transformers clamps them to the index it ignores.
func TestSpanLossIgnoresPositionsOutside(t *testing.T) {
	e := open(t)
	loss := func(at []int32, logits [][]float32) float32 {
		y, err := graph.CallOnce(e.Backend(), func(x, at *graph.Node) *graph.Node { return arch.SpanLoss(x, x, at, at) }, logits, at)
		require.NoError(t, err)
		return y.Value().(float32)
	}
	two := [][]float32{{1, 2, 3}, {0, 5, 1}}
	require.InDelta(t, loss([]int32{2}, two[:1]), loss([]int32{2, 3}, two), 1e-6)
	require.InDelta(t, loss([]int32{2}, two[:1]), loss([]int32{2, 99}, two), 1e-6)
	want := math.Log(math.Exp(1)+math.Exp(2)+math.Exp(3)) - 3
	require.InDelta(t, want, loss([]int32{2}, two[:1]), 1e-6)
}

// The formulas of transformers' activations, in float64.
func TestActivations(t *testing.T) {
	e := open(t)
	xs := []float32{-6, -3, -1, -0.5, 0, 0.25, 1, 2.5, 7}
	tanhGELU := func(x float64) float64 {
		return 0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	}
	for name, f := range map[string]func(x float64) float64{
		"gelu":              func(x float64) float64 { return 0.5 * x * (1 + math.Erf(x/math.Sqrt2)) },
		"gelu_new":          tanhGELU,
		"gelu_pytorch_tanh": tanhGELU,
		"quick_gelu":        func(x float64) float64 { return x / (1 + math.Exp(-1.702*x)) },
		"relu":              func(x float64) float64 { return max(x, 0) },
		"silu":              func(x float64) float64 { return x / (1 + math.Exp(-x)) },
		"swish":             func(x float64) float64 { return x / (1 + math.Exp(-x)) },
		"tanh":              math.Tanh,
	} {
		act, ok := arch.Activation(name)
		require.True(t, ok, name)
		y, err := graph.CallOnce(e.Backend(), act, xs)
		require.NoError(t, err)
		for i, x := range xs {
			require.InDelta(t, f(float64(x)), y.Value().([]float32)[i], 2e-6, "%s(%v)", name, x)
		}
	}
	_, ok := arch.Activation("laplace")
	require.False(t, ok)
}
