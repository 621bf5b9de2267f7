package seam_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// convolutions are torch's numbers by case: x, w, y, v, and the gradients gx and gw of the sum of y times v. See
// internal/testdata/gen/convolutions.py.
func convolutions(t *testing.T) map[string]peft.Tensors {
	t.Helper()
	all, err := golden.ReadTensors("testdata/convolutions.safetensors")
	require.NoError(t, err)
	out := map[string]peft.Tensors{}
	for name, v := range all {
		i := strings.LastIndex(name, ";")
		if out[name[:i]] == nil {
			out[name[:i]] = peft.Tensors{}
		}
		out[name[:i]][name[i+1:]] = v
	}
	return out
}

// geometry reads a case's name: its number, then stride, padding, dilation and groups.
func geometry(t *testing.T, name string, w *peft.Tensor) *seam.Convolution {
	t.Helper()
	var parts [4][]int
	for i, part := range strings.Split(name, ";")[1:] {
		for _, digits := range strings.Split(part, ",") {
			n, err := strconv.Atoi(digits)
			require.NoError(t, err)
			parts[i] = append(parts[i], n)
		}
	}
	return &seam.Convolution{Kernel: w.Shape().Dimensions[2:], Stride: parts[0], Padding: parts[1], Dilation: parts[2], Groups: parts[3][0]}
}

func TestConvolutionsOfTorch(t *testing.T) {
	e := golden.OpenEngine(t)
	cases := convolutions(t)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			c := cases[name]
			conv := geometry(t, name, c["w"])
			exec, err := graph.NewExec(e.Backend(), func(x, w, v *graph.Node) []*graph.Node {
				y := conv.Apply(x, w)
				return append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, v)), x, w)...)
			})
			require.NoError(t, err)
			out, err := exec.Call(c["x"], c["w"], c["v"])
			require.NoError(t, err)
			near := golden.Tolerance{Abs: 1e-5, Rel: 1e-5}
			for i, want := range []string{"y", "gx", "gw"} {
				require.NoError(t, near.Near(want, c[want], out[i]))
			}
		})
	}
}
