package seam

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/engine"
)

// drop runs Dropout on ones and gives the results of two calls in one program, and the next state.
func drop(t *testing.T, state *Tensor, n int, p float64) (a, b []float32, next *Tensor) {
	t.Helper()
	e, err := engine.Open("")
	require.NoError(t, err)
	t.Cleanup(e.Close)
	ones := make([]float32, n)
	for i := range ones {
		ones[i] = 1
	}
	exec, err := graph.NewExec(e.Backend(), func(x, state *Node) (*Node, *Node, *Node) {
		c := &Call{g: x.Graph(), training: true, rng: state}
		return c.Dropout(x, p), c.Dropout(x, p), graph.Add(state, graph.Const(state.Graph(), []uint32{0, 1}))
	})
	require.NoError(t, err)
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(ones, n/16, 16), state)
	require.NoError(t, err)
	return tensors.MustCopyFlatData[float32](out[0]), tensors.MustCopyFlatData[float32](out[1]), out[2]
}

func TestDropoutIsBernoulli(t *testing.T) {
	const n, p = 1 << 18, 0.1
	a, b, next := drop(t, tensors.FromValue([]uint32{7, 0}), n, p)
	c, _, _ := drop(t, mustLocal(t, next), n, p)
	// Within five standard deviations of a binomial: the share dropped, and of pairs dropped at the same place in two
	// calls, in two steps, and at neighbouring places.
	within := func(name string, hits int, q float64) {
		require.InDelta(t, q*n, float64(hits), 5*math.Sqrt(n*q*(1-q)), name)
	}
	count := func(f func(i int) bool) (k int) {
		for i := range n {
			if f(i) {
				k++
			}
		}
		return k
	}
	within("share", count(func(i int) bool { return a[i] == 0 }), p)
	within("two calls", count(func(i int) bool { return a[i] == 0 && b[i] == 0 }), p*p)
	within("two steps", count(func(i int) bool { return a[i] == 0 && c[i] == 0 }), p*p)
	for _, lag := range []int{1, 2, 16, 128, 4096} {
		within("neighbours", count(func(i int) bool { return a[i] == 0 && a[(i+lag)%n] == 0 }), p*p)
	}
	for _, v := range a {
		require.True(t, v == 0 || v == float32(1)/float32(1-p) || math.Abs(float64(v)-1/(1-p)) < 1e-6)
	}
}

func TestDropoutFollowsItsState(t *testing.T) {
	a, b, _ := drop(t, tensors.FromValue([]uint32{7, 0}), 1024, 0.5)
	a2, b2, _ := drop(t, tensors.FromValue([]uint32{7, 0}), 1024, 0.5)
	other, _, _ := drop(t, tensors.FromValue([]uint32{8, 0}), 1024, 0.5)
	require.Equal(t, a, a2)
	require.Equal(t, b, b2)
	require.NotEqual(t, a, b)
	require.NotEqual(t, a, other)
}

// mustLocal moves a tensor off its backend, so that another can take it.
func mustLocal(t *testing.T, x *Tensor) *Tensor {
	flat := tensors.MustCopyFlatData[uint32](x)
	return tensors.FromFlatDataAndDimensions(flat, len(flat))
}
