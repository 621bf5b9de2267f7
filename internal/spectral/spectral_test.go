package spectral_test

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/gradient"
	"github.com/gopeft/gopeft/internal/spectral"
)

type node = graph.Node

// each gives every transform tables of its own, as a graph of one does.
func each(_ string, build func() *node) *node { return build() }

// inverse is the real part of the inverse Fourier transform of both axes, by gonum.
func inverse(x []float64, m, n int) []float64 {
	z := make([]complex128, m*n)
	line := fourier.NewCmplxFFT(n)
	for i := range m {
		row := make([]complex128, n)
		for j := range n {
			row[j] = complex(x[i*n+j], 0)
		}
		copy(z[i*n:], line.Sequence(nil, row))
	}
	line = fourier.NewCmplxFFT(m)
	out := make([]float64, m*n)
	for j := range n {
		column := make([]complex128, m)
		for i := range m {
			column[i] = z[i*n+j]
		}
		for i, v := range line.Sequence(nil, column) {
			out[i*n+j] = real(v) / float64(m*n)
		}
	}
	return out
}

// Primes, powers of two, widths of real models, and what has a factor that is neither.
var sizes = [][2]int{{1, 1}, {1, 7}, {5, 3}, {16, 24}, {96, 98}, {101, 100}, {384, 128}, {127, 254}, {6, 1536}, {3, 2048}, {8192, 2}}

// Of a sparse spectrum with two entries that share a place, the transform is gonum's.
func TestFourier(t *testing.T) {
	e, err := engine.Open("")
	require.NoError(t, err)
	defer e.Close()
	for _, size := range sizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			m, n := size[0], size[1]
			r := rand.New(rand.NewPCG(1, 2))
			at := []int{0, m*n - 1, (m - 1) * n, n - 1, n * (m / 2), n/2 + n*(m/2)}
			for range 20 {
				at = append(at, r.IntN(m*n))
			}
			values, dense := make([]float32, len(at)), make([]float64, m*n)
			for i, p := range at {
				values[i] = float32(r.NormFloat64())
				dense[p] += float64(values[i])
			}
			want := inverse(dense, m, n)
			places := tensors.FromFlatDataAndDimensions(spectral.Places(at, m, n), 2*len(at), 2)
			got, err := graph.CallOnce(e.Backend(), func(v, places *node) *node {
				half := graph.DivScalar(v, 2)
				x := graph.Scatter(places, graph.Concatenate([]*node{half, half}, 0), shapes.Make(v.DType(), m, n), false, false)
				return graph.DivScalar(spectral.Hartley2(each, x), float64(m*n))
			}, values, places)
			require.NoError(t, err)
			worst := 0.0
			for i, v := range tensors.MustCopyFlatData[float32](got) {
				worst = max(worst, math.Abs(float64(v)-want[i])*float64(m*n))
			}
			require.Less(t, worst, 2e-5, "of a sum of %d numbers around 1", len(at))
		})
	}
}

// The transform is linear and symmetric, so the gradient of <y, transform of x> is the transform of y.
func TestGradient(t *testing.T) {
	e, err := engine.Open("")
	require.NoError(t, err)
	defer e.Close()
	y := make([]float32, 12*384)
	for i := range y {
		y[i] = float32(cmplx.Abs(complex(math.Sin(float64(i)), 0.1)))
	}
	out, err := graph.CallOnceN(e.Backend(), func(x, y *node) []*node {
		loss := graph.ReduceAllSum(graph.Mul(spectral.Hartley2(each, x), y))
		return []*node{gradient.Of(loss, x)[0], spectral.Hartley2(each, y)}
	}, tensors.FromFlatDataAndDimensions(make([]float32, len(y)), 12, 384), tensors.FromFlatDataAndDimensions(y, 12, 384))
	require.NoError(t, err)
	require.True(t, out[0].InDelta(out[1], 2e-2), "of numbers up to %d", len(y))
}
