// Package batched computes with many small square matrices at once in a graph: inverses, and the orthogonal matrices that
// methods of fine-tuning learn. Matrices are [count, n, n]. Functions are graph-building: they panic on errors.
package batched

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

type node = graph.Node

// eliminated is the largest n whose inverse is found by elimination, n steps of a few nodes each; larger ones go by Newton's
// iteration, which needs products only.
const eliminated = 64

// Identity gives the unit matrix [n, n].
func Identity(g *graph.Graph, n int) *node {
	return graph.ConvertDType(graph.Diagonal(g, n), dtypes.Float32)
}

// Product multiplies matrices pair by pair.
func Product(a, b *node) *node {
	return graph.Dot(a, b).General([]int{2}, []int{0}, []int{1}, []int{0})
}

// Transpose transposes each matrix.
func Transpose(a *node) *node { return graph.TransposeAllAxes(a, 0, 2, 1) }

// Inverse gives a⁻¹ for matrices whose elimination needs no exchange of rows: those with a positive definite symmetric part,
// such as I + S of a skew S, and triangular ones. The gradient is that of the inverse. Matrices
// may be float32 or float64.
func Inverse(a *node) *node {
	still := graph.StopGradient(a)
	x := graph.StopGradient(gaussJordan(still))
	// One step of Newton's iteration x(2 - a x): it leaves the inverse what it is, rounds it better, and has its derivative.
	two := graph.MulScalar(graph.InsertAxes(unit(a), 0), 2)
	return Product(x, graph.Sub(two, Product(a, x)))
}

// unit gives the unit matrix of the size and the type of a.
func unit(a *node) *node {
	return graph.ConvertDType(graph.Diagonal(a.Graph(), a.Shape().Dimensions[1]), a.DType())
}

// gaussJordan turns [a | I] into [I | a⁻¹], column by column.
func gaussJordan(a *node) *node {
	d := a.Shape().Dimensions
	n := d[1]
	one := unit(a)
	right := graph.BroadcastToDims(graph.InsertAxes(one, 0), d...)
	both := graph.Concatenate([]*node{a, right}, 2) // [count, n, 2n]
	for k := range n {
		row := graph.Slice(both, graph.AxisRange(), graph.AxisElem(k), graph.AxisRange())    // [count, 1, 2n]
		pivot := graph.Slice(row, graph.AxisRange(), graph.AxisRange(), graph.AxisElem(k))   // [count, 1, 1]
		column := graph.Slice(both, graph.AxisRange(), graph.AxisRange(), graph.AxisElem(k)) // [count, n, 1]
		target := graph.Slice(one, graph.AxisRange(), graph.AxisElem(k))                     // [n, 1]
		column = graph.Sub(column, graph.InsertAxes(target, 0))                              // of row k: pivot - 1
		both = graph.Sub(both, graph.Mul(graph.Div(column, pivot), row))
	}
	return graph.Slice(both, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(n, 2*n))
}

// Skew gives the skew-symmetric matrices whose upper triangles, row by row, are v [count, n(n-1)/2].
func Skew(v *node, n int) *node {
	g := v.Graph()
	from, sign := make([]int32, n*n), make([]float32, n*n)
	at := int32(0)
	for i := range n {
		for j := i + 1; j < n; j++ {
			from[i*n+j], sign[i*n+j] = at, 1
			from[j*n+i], sign[j*n+i] = at, -1
			at++
		}
	}
	rows := graph.Gather(graph.Transpose(v, 0, 1), graph.Const(g, columnOf(from))) // [n², count]
	signed := graph.Mul(rows, graph.InsertAxes(graph.Const(g, sign), -1))
	return graph.Reshape(graph.Transpose(signed, 0, 1), -1, n, n)
}

func columnOf(v []int32) [][]int32 {
	out := make([][]int32, len(v))
	for i := range v {
		out[i] = v[i : i+1 : i+1]
	}
	return out
}

// Cayley gives the orthogonal matrices (I - s)(I + s)⁻¹ of skew-symmetric ones (Cayley 1846).
func Cayley(s *node) *node {
	n := s.Shape().Dimensions[1]
	one := graph.InsertAxes(Identity(s.Graph(), n), 0)
	if n <= eliminated {
		return Product(graph.Sub(one, s), Inverse(graph.Add(one, s)))
	}
	// (I - s)² (I - s²)⁻¹, whose second factor is the inverse of a positive definite matrix.
	minus := graph.Sub(one, s)
	return Product(Product(minus, minus), newton(graph.Sub(one, Product(s, s))))
}

// newton gives the inverse of positive definite matrices whose eigenvalues are at least 1.
func newton(a *node) *node {
	n := a.Shape().Dimensions[1]
	two := graph.MulScalar(graph.InsertAxes(Identity(a.Graph(), n), 0), 2)
	still := graph.StopGradient(a)
	largest := graph.ReduceAndKeep(graph.ReduceAndKeep(graph.Abs(still), graph.ReduceSum, 2), graph.ReduceMax, 1)
	x := graph.Div(two, graph.OnePlus(largest)) // its error is (largest-1)/(largest+1), squared by each step
	for range 16 {
		x = Product(x, graph.Sub(two, Product(still, x)))
	}
	x = graph.StopGradient(x)
	return Product(x, graph.Sub(two, Product(a, x)))
}

// CayleyNeumann approximates the Cayley transform (I + s)(I - s)⁻¹ of skew-symmetric matrices by the first terms of its
// series, I + 2s + 2s² + … + sᵏ with k = terms - 1, as OFT v2 does (Qiu et al. 2025, arXiv:2506.19847). The last of more than
// two terms counts once.
func CayleyNeumann(s *node, terms int) *node {
	out := graph.InsertAxes(Identity(s.Graph(), s.Shape().Dimensions[1]), 0)
	if terms <= 1 {
		return graph.BroadcastToDims(out, s.Shape().Dimensions...)
	}
	out = graph.Add(out, graph.MulScalar(s, 2))
	if terms == 2 {
		return out
	}
	power := Product(s, s)
	out = graph.Add(out, graph.MulScalar(power, 2))
	for range max(0, terms-4) {
		power = Product(power, s)
		out = graph.Add(out, graph.MulScalar(power, 2))
	}
	return graph.Add(out, Product(power, s))
}
