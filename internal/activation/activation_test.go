package activation_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/activation"
	"github.com/gopeft/gopeft/internal/engine"
)

var at = []float32{-11, -3, -1.2, -0.4, 0, 0.3, 1, 2.5, 7}

// want are the values of transformers 5.23.0 and torch 2.15.0.
var want = map[string][]float32{
	"gelu":              {-0, -0.004050225, -0.1380836, -0.1378313, 0, 0.1853734, 0.8413447, 2.484476, 7},
	"gelu_10":           {-0, -0.004050225, -0.1380836, -0.1378313, 0, 0.1853734, 0.8413447, 2.484476, 7},
	"gelu_accurate":     {-0, -0.003637433, -0.1382972, -0.1378388, 0, 0.1853709, 0.841192, 2.484916, 7},
	"gelu_fast":         {-0, -0.003637433, -0.1382972, -0.1378388, 0, 0.1853709, 0.841192, 2.484916, 7},
	"gelu_new":          {-0, -0.003637433, -0.1382972, -0.1378388, 0, 0.1853709, 0.841192, 2.484916, 7},
	"gelu_python":       {-0, -0.004049689, -0.1380836, -0.1378313, 0, 0.1853734, 0.8413447, 2.484476, 7},
	"gelu_python_tanh":  {-0, -0.003637433, -0.1382972, -0.1378388, 0, 0.1853709, 0.841192, 2.484916, 7},
	"gelu_pytorch_tanh": {-0, -0.003637433, -0.1382972, -0.1378388, 0, 0.1853709, 0.841192, 2.484916, 7},
	"hardswish":         {-0, -0, -0.36, -0.1733333, 0, 0.165, 0.6666667, 2.291667, 7},
	"laplace":           {0, 0, 0, 4.345179e-05, 0.006094456, 0.07448831, 0.8504297, 1, 1},
	"leaky_relu":        {-0.11, -0.03, -0.012, -0.004, 0, 0.3, 1, 2.5, 7},
	"linear":            {-11, -3, -1.2, -0.4, 0, 0.3, 1, 2.5, 7},
	"mish":              {-0.0001837172, -0.1456475, -0.3088358, -0.1889165, 0, 0.2080014, 0.8650984, 2.471392, 6.999989},
	"prelu":             {-2.75, -0.75, -0.3, -0.1, 0, 0.3, 1, 2.5, 7},
	"quick_gelu":        {-8.138256e-08, -0.01807131, -0.1377871, -0.1344331, 0, 0.1874841, 0.8457958, 2.465014, 6.999953},
	"relu":              {0, 0, 0, 0, 0, 0.3, 1, 2.5, 7},
	"relu2":             {0, 0, 0, 0, 0, 0.09, 1, 6.25, 49},
	"relu6":             {0, 0, 0, 0, 0, 0.3, 1, 2.5, 6},
	"sigmoid":           {1.670142e-05, 0.04742587, 0.2314752, 0.4013124, 0.5, 0.5744425, 0.7310586, 0.9241418, 0.999089},
	"silu":              {-0.0001837156, -0.1422776, -0.2777703, -0.1605249, 0, 0.1723328, 0.7310586, 2.310354, 6.993623},
	"sqrtsoftplus":      {0.004086754, 0.2204254, 0.5131106, 0.7162508, 0.8325546, 0.9243134, 1.145976, 1.605892, 2.645924},
	"swish":             {-0.0001837156, -0.1422776, -0.2777703, -0.1605249, 0, 0.1723328, 0.7310586, 2.310354, 6.993623},
	"tanh":              {-1, -0.9950548, -0.8336546, -0.379949, 0, 0.2913126, 0.7615942, 0.9866143, 0.9999983},
	"xielu":             {2.507826, 0.141431, -0.1986531, -0.143689, -7.994819e-07, 0.2220703, 1.300781, 6.254883, 42.73828},
}

func TestNamed(t *testing.T) {
	e, err := engine.Open("go")
	require.NoError(t, err)
	defer e.Close()
	require.Len(t, activation.Names(), len(want))
	require.Nil(t, activation.Named("rleu"))
	for _, name := range activation.Names() {
		require.Contains(t, want, name)
		exec, err := graph.NewExec(e.Backend(), func(x *graph.Node) *graph.Node { return activation.Named(name)(x) })
		require.NoError(t, err)
		out, err := exec.Call(at)
		require.NoError(t, err)
		got := tensors.MustCopyFlatData[float32](out[0])
		for i, w := range want[name] {
			require.InDelta(t, w, got[i], 2e-6*max(1, float64(w)), "%s of %g", name, at[i])
		}
	}
}
