package svd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/internal/svd"
)

// The truncated decomposition agrees with gonum's whole one: values, and the matrix that the factors make.
func TestTruncated(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{90, 70}, {60, 200}, {8, 5}} {
		w := mat.NewDense(size[0], size[1], nil)
		for rank := range 40 { // directions that fall off, as those of trained updates do
			u, v := make([]float64, size[0]), make([]float64, size[1])
			for i := range u {
				u[i] = rnd.NormFloat64()
			}
			for i := range v {
				v[i] = rnd.NormFloat64()
			}
			w.RankOne(w, math.Pow(0.6, float64(rank)), mat.NewVecDense(len(u), u), mat.NewVecDense(len(v), v))
		}
		for _, k := range []int{1, 4} {
			want, err := svd.Whole(w, k)
			require.NoError(t, err)
			got, err := svd.Truncated(w, k, 4, rnd)
			require.NoError(t, err)
			require.InDeltaSlice(t, want.S, got.S, 1e-8*want.S[0])
			require.Less(t, distance(product(want), product(got)), 1e-6*want.S[0])
		}
	}
}

func product(f *svd.Factors) *mat.Dense {
	var us, out mat.Dense
	us.Mul(f.U, mat.NewDiagDense(len(f.S), f.S))
	out.Mul(&us, f.V.T())
	return &out
}

func distance(a, b *mat.Dense) float64 {
	var d mat.Dense
	d.Sub(a, b)
	return mat.Norm(&d, 2)
}

// What holds NaN is an error, not a hang or a panic.
func TestDiverged(t *testing.T) {
	w := mat.NewDense(3, 3, nil)
	w.Set(1, 1, math.NaN())
	_, err := svd.Whole(w, 2)
	require.ErrorIs(t, err, svd.ErrDiverged)
}
