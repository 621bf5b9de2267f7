package lora

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mathext"

	"github.com/gopeft/gopeft/internal/engine"
)

// The gamma function's logarithm and its derivative, and the divergence of Dirichlet distributions that is made of them, which
// is 0 between equal ones.
func TestDirichletDivergence(t *testing.T) {
	e, err := engine.Open("go")
	require.NoError(t, err)
	at := []float32{0.05, 0.1, 0.5, 1, 1.46, 2, 2.7, 7.3, 22, 150}
	exec := func(f func(x *graph.Node) *graph.Node, x []float32) []float32 {
		var out []*tensors.Tensor
		require.NoError(t, engine.Try("test", func() {
			out = graph.MustNewExec(e.Backend(), f).MustCall(tensors.FromValue(x))
		}))
		return tensors.MustCopyFlatData[float32](out[0])
	}
	logs, slopes := exec(logGamma, at), exec(digamma, at)
	for i, x := range at {
		want, _ := math.Lgamma(float64(x))
		require.InDelta(t, want, logs[i], 1e-5*(1+math.Abs(want)))
		want = mathext.Digamma(float64(x))
		require.InDelta(t, want, slopes[i], 1e-5*(1+math.Abs(want)))
	}
	alpha := []float32{1.2, 2.5, 1.9}
	for _, prior := range []float64{0.1, 1, 3} {
		want, sum := 0.0, 0.0
		for _, a := range alpha {
			sum += float64(a)
		}
		lg := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
		want = lg(sum) - lg(3*prior)
		for _, a := range alpha {
			want += lg(prior) - lg(float64(a)) + (float64(a)-prior)*(mathext.Digamma(float64(a))-mathext.Digamma(sum))
		}
		require.Positive(t, want)
		got := exec(func(x *graph.Node) *graph.Node { return dirichlet(x, prior) }, alpha)
		require.InDelta(t, want, got[0], 1e-4)
	}
	require.InDelta(t, 0, exec(func(x *graph.Node) *graph.Node { return dirichlet(x, 1.5) }, []float32{1.5, 1.5})[0], 1e-5)
}
