package batched_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/internal/batched"
	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/gradient"
)

// Orthonormal is gonum's factor, which is LAPACK's, with its signs; and its gradient is the slope.
func TestOrthonormal(t *testing.T) {
	e, err := engine.Open("go")
	require.NoError(t, err)
	defer e.Close()
	for _, d := range [][2]int{{7, 3}, {4, 4}, {5, 1}, {1, 1}} {
		m, n := d[0], d[1]
		flat := make([]float64, 2*m*n)
		for i := range flat {
			flat[i] = math.Sin(float64(i*i + 3*i + 2))
		}
		run := func(build func(a *graph.Node) *graph.Node, flat []float64) []float64 {
			exec, err := graph.NewExec(e.Backend(), build)
			require.NoError(t, err)
			out, err := exec.Call(tensors.FromFlatDataAndDimensions(flat, 2, m, n))
			require.NoError(t, err)
			return tensors.MustCopyFlatData[float64](out[0])
		}
		q := run(batched.Orthonormal, flat)
		for k := range 2 {
			var qr mat.QR
			var want mat.Dense
			qr.Factorize(mat.NewDense(m, n, slices.Clone(flat[k*m*n:(k+1)*m*n])))
			qr.QTo(&want)
			for i := range m {
				for j := range n {
					require.InDelta(t, want.At(i, j), q[k*m*n+i*n+j], 1e-10, "%d of %v at %d, %d", k, d, i, j)
				}
			}
		}
		loss := func(a *graph.Node) *graph.Node {
			return graph.ReduceAllSum(graph.Exp(graph.Sin(graph.Add(batched.Orthonormal(a), graph.MulScalar(graph.IotaFull(a.Graph(), a.Shape()), 0.7)))))
		}
		slopes := run(func(a *graph.Node) *graph.Node { return gradient.Of(loss(a), a)[0] }, flat)
		for i := range flat {
			at := func(by float64) float64 {
				moved := slices.Clone(flat)
				moved[i] += by
				return run(loss, moved)[0]
			}
			const h = 1e-5
			require.InDelta(t, (at(h)-at(-h))/(2*h), slopes[i], 1e-6, "%v, value %d", d, i)
		}
	}
}
