package seam

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/engine"
)

// mostColumns bounds the kernels that columns takes: it copies its input once for each of their points.
const mostColumns = 64

// columns reports whether a convolution is better made by columned: the pure-Go engine's own goes point by point, several
// times slower than its matrix products.
func (v *Convolution) columns(g *graph.Graph) bool {
	points := 1
	for _, k := range v.Kernel {
		points *= k
	}
	return engine.PureGo(g.Backend()) && points <= mostColumns
}

// columned is Apply as a matrix product: what each point of the kernel meets is copied out side by side.
func (v *Convolution) columned(x, w *Node) *Node {
	d, k := x.Shape().Dimensions, w.Shape().Dimensions
	out := v.Output(d[2:]...)
	for i, p := range v.Padding {
		if p > 0 {
			x = zeros(x, 2+i, p, p)
		}
	}
	parts := []*Node{x}
	for i := range v.Kernel {
		var next []*Node
		for _, part := range parts {
			for at := range v.Kernel[i] {
				from := at * v.Dilation[i]
				next = append(next, graph.SliceAxis(part, 2+i, graph.AxisRange(from, from+(out[i]-1)*v.Stride[i]+1).Stride(v.Stride[i])))
			}
		}
		parts = next
	}
	for i, part := range parts {
		parts[i] = graph.Reshape(part, d[0], v.Groups, d[1]/v.Groups, -1)
	}
	order := []int{0}
	for i := range v.Kernel {
		order = append(order, 2+i)
	}
	w = graph.Reshape(graph.TransposeAllAxes(w, append(order, 1)...), v.Groups, k[0]/v.Groups, -1)
	y := graph.Einsum("gok,bgkn->bgon", w, graph.Concatenate(parts, 2))
	return graph.Reshape(y, slices.Concat([]int{d[0], k[0]}, out)...)
}
