package gradient_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/gradient"
)

// cases are functions of x [2, 3, 4] and w [5, 4] to a scalar, with products of every layout that models have.
var cases = map[string]func(x, w *graph.Node) *graph.Node{
	"linear":    func(x, w *graph.Node) *graph.Node { return graph.Dot(x, w).General([]int{2}, nil, []int{1}, nil) },
	"turned":    func(x, w *graph.Node) *graph.Node { return graph.Dot(w, x).General([]int{1}, nil, []int{2}, nil) },
	"attention": func(x, w *graph.Node) *graph.Node { return graph.Einsum("bqd,bkd->bqk", x, graph.Tanh(x)) },
	"two axes": func(x, w *graph.Node) *graph.Node {
		y := graph.Dot(x, w).General([]int{2}, nil, []int{1}, nil) // [2, 3, 5]
		return graph.Dot(graph.Transpose(x, 0, 2), y).General([]int{1, 2}, nil, []int{1, 0}, nil)
	},
	"crossed": func(x, w *graph.Node) *graph.Node {
		z := graph.Reshape(graph.Concatenate([]*graph.Node{x, x}, 0), 4, 3, 4)
		return graph.Dot(z, graph.Sin(z)).General([]int{0, 2}, nil, []int{2, 0}, nil)
	},
	"used twice": func(x, w *graph.Node) *graph.Node {
		y := graph.Dot(x, w).General([]int{2}, nil, []int{1}, nil)
		return graph.Add(graph.Dot(y, w).General([]int{2}, nil, []int{0}, nil), graph.Exp(x))
	},
	"stopped": func(x, w *graph.Node) *graph.Node {
		return graph.Dot(x, graph.StopGradient(w)).General([]int{2}, nil, []int{1}, nil)
	},
	"vectors": func(x, w *graph.Node) *graph.Node {
		return graph.Dot(graph.Reshape(x, 24), graph.Reshape(graph.Sin(x), 24)).General([]int{0}, nil, []int{0}, nil)
	},
	"custom": func(x, w *graph.Node) *graph.Node {
		return graph.IdentityWithCustomGradient(graph.Mul(x, x), func(_, v *graph.Node) *graph.Node { return graph.MulScalar(v, 3) })
	},
}

func wave(n int, shape ...int) *tensors.Tensor {
	flat := make([]float64, n)
	for i := range flat {
		flat[i] = math.Sin(float64(3*i + 1))
	}
	return tensors.FromFlatDataAndDimensions(flat, shape...)
}

// unlike are products whose contracted axes are paired in another order than they stand in: graph.Gradient's are wrong or
// fail, so they are held to differences alone.
var unlike = []string{"two axes", "crossed"}

// The gradients are the slopes of the function and, where graph.Gradient is right, its own; whatever of them is asked for.
func TestGradients(t *testing.T) {
	e, err := engine.Open("go")
	require.NoError(t, err)
	defer e.Close()
	x, w := wave(24, 2, 3, 4), wave(20, 5, 4)
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			loss := func(x, w *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Sin(f(x, w))) }
			run := func(build func(x, w *graph.Node) []*graph.Node, x, w *tensors.Tensor) []*tensors.Tensor {
				exec, err := graph.NewExec(e.Backend(), build)
				require.NoError(t, err)
				out, err := exec.Call(x, w)
				require.NoError(t, err)
				return out
			}
			ours := run(func(x, w *graph.Node) []*graph.Node {
				l := loss(x, w)
				return append(append(gradient.Of(l, x, w), gradient.Of(l, x)...), gradient.Of(l, w)...)
			}, x, w)
			require.True(t, ours[0].Equal(ours[2]))
			require.True(t, ours[1].Equal(ours[3]))
			if !slices.Contains(unlike, name) {
				theirs := run(func(x, w *graph.Node) []*graph.Node { return graph.Gradient(loss(x, w), x, w) }, x, w)
				for i := range theirs {
					require.True(t, ours[i].InDelta(theirs[i], 1e-12), "%v, not %v", ours[i], theirs[i])
				}
			}
			if name == "stopped" || name == "custom" { // whose gradients are no slopes
				return
			}
			at := func(x, w *tensors.Tensor) float64 {
				return tensors.ToScalar[float64](run(func(x, w *graph.Node) []*graph.Node { return []*graph.Node{loss(x, w)} }, x, w)[0])
			}
			for i, of := range []*tensors.Tensor{x, w} {
				flat, slopes := tensors.MustCopyFlatData[float64](of), tensors.MustCopyFlatData[float64](ours[i])
				for k := range flat {
					moved := func(by float64) *tensors.Tensor {
						next := slices.Clone(flat)
						next[k] += by
						return tensors.FromFlatDataAndDimensions(next, of.Shape().Dimensions...)
					}
					const h = 1e-5
					up, down := [2]*tensors.Tensor{x, w}, [2]*tensors.Tensor{x, w}
					up[i], down[i] = moved(h), moved(-h)
					require.InDelta(t, (at(up[0], up[1])-at(down[0], down[1]))/(2*h), slopes[k], 1e-6)
				}
			}
		})
	}
}

// Of a product with a frozen weight only one gradient is in the graph, and what needs none has none.
func TestBuildsWhatIsNeeded(t *testing.T) {
	e, err := engine.Open("go")
	require.NoError(t, err)
	defer e.Close()
	count := func(gradients func(loss *graph.Node, of ...*graph.Node) []*graph.Node, of func(x, w *graph.Node) *graph.Node) (products int) {
		_, err := graph.CallOnceN(e.Backend(), func(x, w *graph.Node) []*graph.Node {
			y := graph.Dot(x, w).General([]int{2}, nil, []int{1}, nil)
			loss := graph.ReduceAllSum(graph.Dot(y, graph.Sin(w)).General([]int{2}, nil, []int{0}, nil))
			out := append(gradients(loss, of(x, w)), loss)
			for _, n := range x.Graph().Nodes() {
				if n.Type() == graph.NodeTypeDotGeneral {
					products++
				}
			}
			return out
		}, wave(24, 2, 3, 4), wave(20, 5, 4))
		require.NoError(t, err)
		return products
	}
	toX := func(x, _ *graph.Node) *graph.Node { return x }
	toW := func(_, w *graph.Node) *graph.Node { return w }
	require.Equal(t, 2+4, count(graph.Gradient, toX))
	require.Equal(t, 2+2, count(gradient.Of, toX))
	require.Equal(t, 2+3, count(gradient.Of, toW))
}

func TestRefuses(t *testing.T) {
	e, err := engine.Open("go")
	require.NoError(t, err)
	defer e.Close()
	_, err = graph.CallOnce(e.Backend(), func(x *graph.Node) *graph.Node { return gradient.Of(x, x)[0] }, wave(4, 4))
	require.ErrorContains(t, err, "scalar")
}
