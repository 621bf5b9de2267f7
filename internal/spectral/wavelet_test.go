package spectral_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/spectral"
)

// basis is what the transform makes of single coefficients: at row k of one kind and column k of one kind.
func basis(t *testing.T, e *engine.Engine, w *spectral.Wavelet, fineRow, fineColumn bool, k, m, n int) []float32 {
	at := [][]int32{{int32(w.Place(k, fineRow, m)), int32(w.Place(k, fineColumn, n))}}
	out, err := graph.CallOnce(e.Backend(), func(at *node) *node {
		one := graph.Ones(at.Graph(), shapes.Make(dtypes.Float32, 1))
		return w.Inverse2(each, graph.Scatter(at, one, shapes.Make(dtypes.Float32, w.Size(m), w.Size(n)), true, true), m, n)
	}, at)
	require.NoError(t, err)
	return tensors.MustCopyFlatData[float32](out)
}

// Every wavelet is what its name says: where the border does not cut it off, a coefficient's wave has norm 1 and is orthogonal
// to the next one and to the other kind, a coarse one sums to √2, and a fine one has as many vanishing moments as its order
// promises (Daubechies 1992, theorem 6.3). These laws determine the Daubechies family but for its phases.
func TestWavelets(t *testing.T) {
	e, err := engine.Open("go")
	require.NoError(t, err)
	defer e.Close()
	names := spectral.Waves()
	require.Len(t, names, 38+19+17)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			w, ok := spectral.WaveletByName(name)
			require.True(t, ok)
			const width, k = 128, 60
			dot := func(x, y []float32) (sum float64) {
				for i := range x {
					sum += float64(x[i]) * float64(y[i])
				}
				return sum
			}
			waves := map[string][]float32{}
			for label, fine := range map[string]bool{"coarse": false, "fine": true} {
				for step := range 2 {
					waves[label+strconv.Itoa(step)] = basis(t, e, w, fine, fine, k+step, width, width)
				}
			}
			if name == "coif4" { // HF PEFT's, which is none
				require.InDelta(t, 1.0099188*1.0099188, dot(waves["coarse0"], waves["coarse0"]), 1e-5)
				return
			}
			for label, x := range waves {
				require.InDelta(t, 1, dot(x, x), 1e-5, label)
				for other, y := range waves {
					if label != other {
						require.InDelta(t, 0, dot(x, y), 1e-5, "%s, %s", label, other)
					}
				}
			}
			sum := 0.0
			for _, v := range waves["coarse0"] {
				sum += float64(v)
			}
			require.InDelta(t, 2, sum, 1e-4)
			order, err := strconv.Atoi(strings.TrimLeft(name, "dbsymcoif"))
			require.NoError(t, err)
			moments := order
			if strings.HasPrefix(name, "coif") {
				moments = 2 * order
			}
			across := basis(t, e, w, false, true, k, width, width)
			for p := range min(moments, 4) { // float32 has no more to show
				moment, size := 0.0, 0.0
				for i, v := range across {
					x := math.Pow(float64(i%width-2*k)/width, float64(p)) * float64(v)
					moment, size = moment+x, size+math.Abs(x)
				}
				require.InDelta(t, 0, moment, 1e-5*max(size, 1e-3), "moment %d", p)
			}
		})
	}
	_, ok := spectral.WaveletByName("haar")
	require.False(t, ok)
}
