// Package activation holds the activation functions that transformers has names for. They are graph-building.
package activation

import (
	"maps"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

type node = graph.Node

// Names lists the names of all functions, sorted.
func Names() []string { return slices.Sorted(maps.Keys(functions)) }

// Named gives the function of a name of transformers' (ACT2FN), nil where there is none. Where a function has parameters of its
// own there, they are at their first values.
func Named(name string) func(x *node) *node { return functions[name] }

var functions = map[string]func(x *node) *node{
	"gelu": GELU, "gelu_python": GELU,
	"gelu_10":  func(x *node) *node { return graph.MaxScalar(graph.MinScalar(GELU(x), 10), -10) },
	"gelu_new": GELUTanh, "gelu_fast": GELUTanh, "gelu_accurate": GELUTanh, "gelu_pytorch_tanh": GELUTanh, "gelu_python_tanh": GELUTanh,
	"hardswish": func(x *node) *node { return graph.Mul(x, graph.DivScalar(relu6(graph.AddScalar(x, 3)), 6)) },
	"laplace": func(x *node) *node {
		return graph.MulScalar(graph.OnePlus(graph.Erf(graph.DivScalar(graph.AddScalar(x, -0.707107), 0.282095*math.Sqrt2))), 0.5)
	},
	"leaky_relu": func(x *node) *node { return leaky(x, 0.01) },
	"linear":     func(x *node) *node { return x },
	"mish":       func(x *node) *node { return graph.Mul(x, graph.Tanh(softplus(x))) },
	"prelu":      func(x *node) *node { return leaky(x, 0.25) },
	"quick_gelu": func(x *node) *node { return graph.Mul(x, graph.Sigmoid(graph.MulScalar(x, 1.702))) },
	"relu":       relu,
	"relu2":      func(x *node) *node { return graph.Square(relu(x)) },
	"relu6":      relu6,
	"sigmoid":    graph.Sigmoid,
	"silu":       silu, "swish": silu,
	"sqrtsoftplus": func(x *node) *node { return graph.Sqrt(softplus(x)) },
	"tanh":         graph.Tanh,
	"xielu":        xielu,
}

func relu(x *node) *node  { return graph.Max(x, graph.ZerosLike(x)) }
func relu6(x *node) *node { return graph.MinScalar(relu(x), 6) }
func silu(x *node) *node  { return graph.Mul(x, graph.Sigmoid(x)) }

// GELU is x Φ(x) with the exact normal distribution (Hendrycks and Gimpel 2016, arXiv:1606.08415).
func GELU(x *node) *node {
	phi := graph.AddScalar(graph.Erf(graph.MulScalar(x, 1/math.Sqrt2)), 1)
	return graph.Mul(graph.MulScalar(x, 0.5), phi)
}

// GELUTanh is GELU's approximation by tanh.
func GELUTanh(x *node) *node {
	cube := graph.Mul(graph.Square(x), x)
	inner := graph.MulScalar(graph.Add(x, graph.MulScalar(cube, 0.044715)), math.Sqrt(2/math.Pi))
	return graph.Mul(graph.MulScalar(x, 0.5), graph.AddScalar(graph.Tanh(inner), 1))
}

func leaky(x *node, slope float64) *node {
	return graph.Where(graph.GreaterThan(x, graph.ZerosLike(x)), x, graph.MulScalar(x, slope))
}

// softplus is log(1 + eˣ).
func softplus(x *node) *node {
	return graph.Add(relu(x), graph.Log1P(graph.Exp(graph.Neg(graph.Abs(x)))))
}

// xielu is that of Huang 2024 (arXiv:2411.13010) at its first parameters, which are kept in bfloat16.
func xielu(x *node) *node {
	const alpha, beta, eps = 0.80078125, 0.5, -9.98377799987793e-07
	line := graph.MulScalar(x, beta)
	above := graph.MulScalar(graph.Square(x), alpha)
	below := graph.MulScalar(graph.Sub(graph.Expm1(graph.MinScalar(x, eps)), x), alpha)
	return graph.Add(graph.Where(graph.GreaterThan(x, graph.ZerosLike(x)), above, below), line)
}
