package arch

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Activation gives an activation by transformers' name (hidden_act).
func Activation(name string) (func(*seam.Node) *seam.Node, bool) {
	switch name {
	case "gelu":
		return GELU, true
	case "gelu_new", "gelu_pytorch_tanh", "gelu_fast":
		return geluTanh, true
	case "quick_gelu":
		return func(x *seam.Node) *seam.Node { return graph.Mul(x, graph.Sigmoid(graph.MulScalar(x, 1.702))) }, true
	case "relu":
		return func(x *seam.Node) *seam.Node { return graph.Max(x, graph.ZerosLike(x)) }, true
	case "silu", "swish":
		return func(x *seam.Node) *seam.Node { return graph.Mul(x, graph.Sigmoid(x)) }, true
	case "tanh":
		return graph.Tanh, true
	}
	return nil, false
}

// GELU is x Φ(x) with the exact normal distribution (Hendrycks and Gimpel 2016, arXiv:1606.08415).
func GELU(x *seam.Node) *seam.Node {
	phi := graph.AddScalar(graph.Erf(graph.MulScalar(x, 1/math.Sqrt2)), 1)
	return graph.Mul(graph.MulScalar(x, 0.5), phi)
}

// geluTanh is GELU's approximation by tanh.
func geluTanh(x *seam.Node) *seam.Node {
	cube := graph.Mul(graph.Square(x), x)
	inner := graph.MulScalar(graph.Add(x, graph.MulScalar(cube, 0.044715)), math.Sqrt(2/math.Pi))
	return graph.Mul(graph.MulScalar(x, 0.5), graph.AddScalar(graph.Tanh(inner), 1))
}
