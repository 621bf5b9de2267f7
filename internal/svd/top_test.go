package svd

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

// The iteration finds what gonum's whole decomposition has at the top.
func TestTopIsTheWholesTop(t *testing.T) {
	for _, c := range []struct{ rows, columns, r int }{{150, 120, 2}, {100, 300, 3}, {90, 90, 1}} {
		rnd := rand.New(rand.NewPCG(1, 2))
		w := falling(rnd, c.rows, c.columns)
		u0, s0, v0, err := whole(w, c.rows, c.columns, c.r)
		require.NoError(t, err)
		u, s, v, err := iterated(w, c.rows, c.columns, c.r, rnd)
		require.NoError(t, err)
		for k := range c.r {
			require.InEpsilon(t, s0[k], s[k], 1e-5)
			require.InDelta(t, 1, math.Abs(dot(u0[k], u[k])), 1e-4)
			require.InDelta(t, 1, math.Abs(dot(v0[k], v[k])), 1e-4)
			require.Greater(t, dot(u0[k], u[k])*dot(v0[k], v[k]), 0.0, "signs of a pair agree")
		}
	}
}

// falling is a matrix whose singular values fall as 1/k beside noise.
func falling(rnd *rand.Rand, rows, columns int) []float32 {
	out := make([]float32, rows*columns)
	for i := range out {
		out[i] = float32(0.01 * rnd.NormFloat64())
	}
	for k := range 6 {
		x, y := make([]float64, rows), make([]float64, columns)
		for i := range x {
			x[i] = rnd.NormFloat64()
		}
		for j := range y {
			y[j] = rnd.NormFloat64()
		}
		for i := range x {
			for j := range y {
				out[i*columns+j] += float32(x[i] * y[j] / float64(k+1) / 10)
			}
		}
	}
	return out
}

// A matrix of lower rank has values of 0 behind those that it has; one of zeros has nothing else.
func TestLowRank(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	w := make([]float32, 100*80)
	_, s, _, err := iterated(w, 100, 80, 3, rnd)
	require.NoError(t, err)
	require.Equal(t, []float64{0, 0, 0}, s)
	for i := range 100 {
		for j := range 80 {
			w[i*80+j] = float32(i+1) * float32(j-3)
		}
	}
	u, s, v, err := iterated(w, 100, 80, 2, rnd)
	require.NoError(t, err)
	want := mat.Norm(mat.NewDense(100, 80, wide(w)), 2)
	require.InEpsilon(t, want, s[0], 1e-6)
	require.InDelta(t, 0, s[1]/s[0], 1e-6)
	require.InDelta(t, float64(w[5*80+7]), s[0]*u[0][5]*v[0][7], 0.1)
}

func wide(w []float32) []float64 {
	out := make([]float64, len(w))
	for i, x := range w {
		out[i] = float64(x)
	}
	return out
}

func TestSigns(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	_, _, v, err := Top(falling(rnd, 20, 30), 20, 30, 4, rnd)
	require.NoError(t, err)
	for _, x := range v {
		largest := 0.0
		for _, y := range x {
			if math.Abs(y) > math.Abs(largest) {
				largest = y
			}
		}
		require.Positive(t, largest)
	}
}

func TestTopRefuses(t *testing.T) {
	_, _, _, err := Top(make([]float32, 6), 2, 3, 3, nil)
	require.ErrorContains(t, err, "3 values of 6 numbers as [2, 3]")
}
