package frod

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// jointBasis gives the matrix V [n, n] that weights of n columns share, by the hierarchical joint decomposition of FRoD:
// with the QR decomposition of the weights one above the other, Q R, and Q's part Q_i of each weight, V = R^T E, where E has
// the eigenvectors of the mean of (Q_i^T Q_i + alpha)^-1, from the smallest eigenvalue on.
//
// R is found as the Cholesky factor of G = Σ G_i with G_i = W_i^T W_i, and the mean as R (mean of (G_i + alpha G)^-1) R^T, which
// needs no Q. Where there are fewer rows than columns, or G is singular, V has the right singular vectors.
func jointBasis(weights []*mat.Dense, alpha float64) *mat.Dense {
	_, n := weights[0].Dims()
	rows := 0
	grams := make([]*mat.SymDense, len(weights))
	sum := mat.NewSymDense(n, nil)
	for i, w := range weights {
		m, _ := w.Dims()
		rows += m
		grams[i] = gram(w)
		sum.AddSym(sum, grams[i])
	}
	var chol mat.Cholesky
	if rows < n || !chol.Factorize(sum) || chol.Cond() > 1e14 {
		return singularVectors(sum)
	}
	mean := mat.NewSymDense(n, nil)
	for _, g := range grams {
		var ridge, inverse mat.SymDense
		ridge.ScaleSym(alpha, sum)
		ridge.AddSym(&ridge, g)
		var c mat.Cholesky
		if !c.Factorize(&ridge) || c.InverseTo(&inverse) != nil {
			return singularVectors(sum)
		}
		mean.AddSym(mean, &inverse)
	}
	mean.ScaleSym(1/float64(len(weights)), mean)
	var r mat.TriDense
	chol.UTo(&r)
	var left, product mat.Dense
	left.Mul(&r, mean)
	product.Mul(&left, r.T())
	e, ok := eigenvectors(symmetric(&product))
	if !ok {
		return singularVectors(sum)
	}
	var v mat.Dense
	v.Mul(r.T(), e)
	return &v
}

// gram is w^T w.
func gram(w *mat.Dense) *mat.SymDense {
	var g mat.Dense
	g.Mul(w.T(), w)
	return symmetric(&g)
}

// symmetric takes the upper triangle.
func symmetric(m *mat.Dense) *mat.SymDense {
	n, _ := m.Dims()
	return mat.NewSymDense(n, m.RawMatrix().Data)
}

// eigenvectors are those of a, from the smallest eigenvalue on.
//
// Equal eigenvalues, which a joint decomposition has many of, leave their vectors open, and every eigenvalue leaves a sign. So that
// rounding doesn't decide, a slope of a billionth of the largest entry is added to the diagonal, and each vector's largest
// component is positive.
func eigenvectors(a *mat.SymDense) (*mat.Dense, bool) {
	n := a.SymmetricDim()
	tilted := mat.NewSymDense(n, nil)
	tilted.CopySym(a)
	step := 1e-9 * mat.Max(a) / float64(n)
	for i := range n {
		tilted.SetSym(i, i, a.At(i, i)+float64(i)*step)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(tilted, true) {
		return nil, false
	}
	var e mat.Dense
	eigen.VectorsTo(&e)
	for j := range n {
		column := mat.Col(nil, j, &e)
		largest := slices.MaxFunc(column, func(x, y float64) int { return cmp.Compare(math.Abs(x), math.Abs(y)) })
		if largest < 0 {
			floats.Scale(-1, column)
			e.SetCol(j, column)
		}
	}
	return &e, true
}

// singularVectors are the right singular vectors of the weights whose Gram matrices have this sum, from the largest value on.
func singularVectors(sum *mat.SymDense) *mat.Dense {
	n := sum.SymmetricDim()
	out := mat.NewDense(n, n, nil)
	e, ok := eigenvectors(sum)
	for j := range n {
		if !ok {
			out.Set(j, j, 1)
			continue
		}
		out.SetCol(n-1-j, mat.Col(nil, j, e))
	}
	return out
}

// inverse gives v^-1, or where v has none to speak of, its pseudoinverse.
func inverse(v *mat.Dense) *mat.Dense {
	var lu mat.LU
	lu.Factorize(v)
	n, _ := v.Dims()
	if c := lu.Cond(); !math.IsInf(c, 0) && !math.IsNaN(c) && c < 1e14 {
		one := mat.NewDiagDense(n, nil)
		for i := range n {
			one.SetDiag(i, 1)
		}
		var out mat.Dense
		if lu.SolveTo(&out, false, one) == nil {
			return &out
		}
	}
	var svd mat.SVD
	var left, right, scaled, out mat.Dense
	if !svd.Factorize(v, mat.SVDThin) {
		return mat.NewDense(n, n, nil)
	}
	svd.UTo(&left)
	svd.VTo(&right)
	values := svd.Values(nil)
	scaled.Apply(func(_, j int, x float64) float64 {
		if values[j] <= 1e-6*values[0] {
			return 0
		}
		return x / values[j]
	}, &right)
	out.Mul(&scaled, left.T())
	return &out
}

// factor gives U [m, n] of columns of length 1 and the lengths [n] with U diag(lengths) V^T = w, for V's inverse.
func factor(w, inverse *mat.Dense) (u, lengths []float32) {
	m, n := w.Dims()
	var b mat.Dense
	b.Mul(w, inverse.T())
	squares := make([]float64, n)
	for i := range m {
		for j, x := range b.RawRowView(i) {
			squares[j] += x * x
		}
	}
	u, lengths = make([]float32, m*n), make([]float32, n)
	for j, s := range squares {
		squares[j] = math.Sqrt(s)
		lengths[j] = float32(squares[j])
	}
	for i := range m {
		for j, x := range b.RawRowView(i) {
			if squares[j] > 1e-12 {
				u[i*n+j] = float32(x / squares[j])
			}
		}
	}
	return u, lengths
}

func dense(flat []float32, rows, columns int) *mat.Dense {
	wide := make([]float64, len(flat))
	for i, x := range flat {
		wide[i] = float64(x)
	}
	return mat.NewDense(rows, columns, wide)
}
