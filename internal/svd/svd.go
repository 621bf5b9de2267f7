// Package svd finds the largest singular values of a matrix and their vectors by a few products with thin matrices, where a
// whole decomposition would cost as many as the matrix has columns.
package svd

import (
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// ErrDiverged means that a decomposition did not converge: the matrix holds NaN or infinite numbers.
var ErrDiverged = errors.New("the singular value decomposition does not converge")

// Factors are the largest singular values of a matrix [m, n] and their vectors: U [m, k], S [k] falling, V [n, k].
type Factors struct {
	U *mat.Dense
	S []float64
	V *mat.Dense
}

// oversampled is how many directions more than asked for are followed, so that the asked ones settle.
const oversampled = 10

// Truncated gives the k largest singular values of w by subspace iteration from a random start, rounds times there and back
// (Halko, Martinsson and Tropp 2011, arXiv:0909.4061, algorithm 4.4). Where k is not small beside w it decomposes w as a whole,
// which costs less then. k is at most the smaller side of w.
func Truncated(w mat.Matrix, k, rounds int, rnd *rand.Rand) (*Factors, error) {
	m, n := w.Dims()
	most := min(m, n)
	k = min(k, most)
	width := k + oversampled
	if 3*width >= most {
		return Whole(w, k)
	}
	start := mat.NewDense(n, width, nil)
	for i := range n {
		for j := range width {
			start.Set(i, j, rnd.NormFloat64())
		}
	}
	var y, z mat.Dense
	y.Mul(w, start)
	q := basis(&y)
	for range rounds {
		z.Mul(w.T(), q)
		y.Mul(w, basis(&z))
		q = basis(&y)
	}
	var small mat.Dense
	small.Mul(q.T(), w)
	inner, err := Whole(&small, k)
	if err != nil {
		return nil, err
	}
	u := &mat.Dense{}
	u.Mul(q, inner.U)
	return &Factors{U: u, S: inner.S, V: inner.V}, nil
}

// Whole gives the k largest singular values of w by a full decomposition.
func Whole(w mat.Matrix, k int) (*Factors, error) {
	var d mat.SVD
	if !d.Factorize(w, mat.SVDThin) {
		return nil, ErrDiverged
	}
	s := d.Values(nil)[:k]
	if len(s) > 0 && math.IsNaN(s[0]) {
		return nil, ErrDiverged
	}
	m, n := w.Dims()
	var u, v mat.Dense
	d.UTo(&u)
	d.VTo(&v)
	return &Factors{U: mat.DenseCopyOf(u.Slice(0, m, 0, k)), S: s, V: mat.DenseCopyOf(v.Slice(0, n, 0, k))}, nil
}

// basis gives an orthonormal basis of a's columns by the Gram-Schmidt process, twice for each column so that rounding leaves
// nothing. (gonum's QR gives the square Q as well, which a tall matrix has no room for.) A column that the others hold already
// becomes zeros.
func basis(a *mat.Dense) *mat.Dense {
	rows, columns := a.Dims()
	q := mat.NewDense(columns, rows, nil) // a row each
	for j := range columns {
		v := q.RawRowView(j)
		mat.Col(v, j, a)
		before := floats.Norm(v, 2)
		for range 2 {
			for i := range j {
				u := q.RawRowView(i)
				floats.AddScaled(v, -floats.Dot(u, v), u)
			}
		}
		if length := floats.Norm(v, 2); length > 1e-12*before {
			floats.Scale(1/length, v)
		} else {
			clear(v)
		}
	}
	return mat.DenseCopyOf(q.T())
}

// First gives the r largest of f.
func (f *Factors) First(r int) *Factors {
	m, _ := f.U.Dims()
	n, _ := f.V.Dims()
	return &Factors{U: mat.DenseCopyOf(f.U.Slice(0, m, 0, r)), S: f.S[:r], V: mat.DenseCopyOf(f.V.Slice(0, n, 0, r))}
}
