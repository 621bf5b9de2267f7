package batched

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Orthonormal gives Q of the QR decomposition of each matrix [count, m, n], m ≥ n: orthonormal columns that span those of the
// matrix, with the signs that LAPACK's, and so torch's, have. The gradient is that of Q; a matrix whose columns depend on each
// other has none.
func Orthonormal(a *node) *node {
	still := graph.StopGradient(a)
	q, r := householder(still)
	q, r = graph.StopGradient(q), graph.StopGradient(r)
	// From da = dq r + q dr: qᵀ dq is skew and dr r⁻¹ upper triangular, so what is below the diagonal of qᵀ da r⁻¹ gives qᵀ dq.
	move := Product(graph.Sub(a, still), graph.StopGradient(Inverse(r))) // 0, with the derivative da r⁻¹
	along := Product(Transpose(q), move)
	lower := graph.Mul(along, triangle(a, along, true))
	turn := graph.Sub(lower, Transpose(lower))
	return graph.Add(graph.Add(q, Product(q, turn)), graph.Sub(move, Product(q, along)))
}

// householder gives Q [count, m, n] and R [count, n, n] by reflections, column after column, each of which turns what is left
// of a column onto its axis, to the side that its first number is not on.
func householder(a *node) (q, r *node) {
	g, d := a.Graph(), a.Shape().Dimensions
	m, n := d[1], d[2]
	rows := graph.Iota(g, shapes.Make(dtypes.Int32, 1, m, 1), 1)
	mask := func(on *node) *node { return graph.ConvertDType(on, a.DType()) }
	sum := func(x *node) *node { return graph.ReduceAndKeep(x, graph.ReduceSum, 1) }
	var vs, taus []*node
	for k := range min(n, m-1) {
		from := graph.Scalar(g, dtypes.Int32, int32(k))
		x := graph.Mul(graph.SliceAxis(a, 2, graph.AxisElem(k)), mask(graph.GreaterOrEqual(rows, from))) // [count, m, 1]
		first := graph.SliceAxis(x, 1, graph.AxisElem(k))                                                // [count, 1, 1]
		length := graph.Sqrt(sum(graph.Square(x)))
		onto := graph.Where(graph.GreaterOrEqual(first, graph.ZerosLike(first)), graph.Neg(length), length)
		v := graph.Sub(x, graph.Mul(onto, mask(graph.Equal(rows, from))))
		below := sum(graph.Square(graph.Mul(x, mask(graph.GreaterThan(rows, from)))))
		some := graph.GreaterThan(below, graph.ZerosLike(below)) // else the column stays, as in LAPACK
		tau := graph.Where(some, graph.Div(graph.MulScalar(graph.OnesLike(below), 2), sum(graph.Square(v))), graph.ZerosLike(below))
		a = reflect(a, v, tau)
		vs, taus = append(vs, v), append(taus, tau)
	}
	q = graph.ConvertDType(graph.Equal(rows, graph.Iota(g, shapes.Make(dtypes.Int32, 1, 1, n), 2)), a.DType())
	q = graph.BroadcastToDims(q, d...)
	for k := len(vs) - 1; k >= 0; k-- {
		q = reflect(q, vs[k], taus[k])
	}
	r = graph.SliceAxis(a, 1, graph.AxisRange(0, n))
	return q, graph.Mul(r, triangle(a, r, false))
}

// reflect is (I - tau v vᵀ) a.
func reflect(a, v, tau *node) *node {
	return graph.Sub(a, graph.Mul(graph.Mul(tau, v), Product(Transpose(v), a)))
}

// triangle is 1 below the diagonal of square matrices like s and 0 elsewhere, or 1 on and above it.
func triangle(a, s *node, below bool) *node {
	g, n := a.Graph(), s.Shape().Dimensions[2]
	row, column := graph.Iota(g, shapes.Make(dtypes.Int32, 1, n, n), 1), graph.Iota(g, shapes.Make(dtypes.Int32, 1, n, n), 2)
	if below {
		return graph.ConvertDType(graph.GreaterThan(row, column), a.DType())
	}
	return graph.ConvertDType(graph.LessOrEqual(row, column), a.DType())
}
