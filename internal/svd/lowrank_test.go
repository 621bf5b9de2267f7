package svd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/svd"
	"github.com/gopeft/gopeft/internal/torchrand"
)

// What torch.svd_lowrank(w, q=3, niter=2) gives after manual_seed(4), torch 2.15.0, for the w of formula [12, 6] and, by the same
// start, for its transpose. The signs are those of LowRank.
func TestLowRankIsTorchs(t *testing.T) {
	const m, n, q = 12, 6, 3
	values := []float64{3.0962281227111816, 2.6000001430511475, 2.4871673583984375}
	right := [][]float64{
		{0.37352296710014343, 0.3411928713321686, 0.36017704010009766, 0.4120014011859894, 0.45604726672172546, 0.48643213510513306},
		{0.6204037070274353, 0.23302491009235382, -0.5209435224533081, -0.49844929575920105, -0.03362053260207176, 0.19958578050136566},
		{-0.3833925127983093, -0.407848984003067, -0.47010278701782227, 0.05185442790389061, 0.28411218523979187, 0.6182749271392822},
	}
	left := []float64{
		-0.04872879758477211, -0.27258777618408203, -0.7843827605247498, 0.2916169762611389, 0.2314225137233734, 0.30080777406692505,
		0.14867354929447174, 0.20016087591648102, -0.01838979311287403, 0.11741191893815994, -0.02277548611164093, 0.0466097891330719,
	}
	w, turned := make([]float32, m*n), make([]float32, m*n)
	for i := range m {
		for j := range n {
			v := float32((i*7+j*11+i*j)%13-6) / 5
			w[i*n+j], turned[j*m+i] = v, v
		}
	}
	draw := func(out []float32) { torchrand.NewGenerator(4).Normal(out, 0, 1) }
	u, s, v, err := svd.LowRank(w, m, n, q, 2, draw)
	require.NoError(t, err)
	require.InDeltaSlice(t, values, s, 1e-5)
	require.InDeltaSlice(t, left, u[0], 1e-5)
	for k := range q {
		require.InDeltaSlice(t, right[k], v[k], 1e-5)
	}

	u, s, v, err = svd.LowRank(turned, n, m, q, 2, draw)
	require.NoError(t, err)
	require.InDeltaSlice(t, values, s, 1e-5)
	for k := range q { // up to the sign, which v settles
		sign := 1.0
		if u[k][0]*right[k][0] < 0 {
			sign = -1
		}
		for j := range n {
			require.InDelta(t, right[k][j], sign*u[k][j], 1e-5)
		}
	}
	require.Len(t, v[0], m)
}

// Directions that a matrix does not have are zeros.
func TestLowRankOfLess(t *testing.T) {
	w := make([]float32, 5*4)
	draw := func(out []float32) { torchrand.NewGenerator(0).Normal(out, 0, 1) }
	_, s, v, err := svd.LowRank(w, 5, 4, 2, 2, draw)
	require.NoError(t, err)
	require.Equal(t, []float64{0, 0}, s)
	require.Equal(t, [][]float64{make([]float64, 4), make([]float64, 4)}, v)
	_, _, _, err = svd.LowRank(w, 5, 4, 5, 2, draw)
	require.ErrorContains(t, err, "5 values of 20 numbers as [5, 4]")
}
