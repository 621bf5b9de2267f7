package lora

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/peft/seam"
)

// decompose gives U, the singular values, the largest first, and V of a site's weight.
func decompose(s seam.Site, w mat.Matrix) (u *mat.Dense, sv []float64, v *mat.Dense, err error) {
	var svd mat.SVD
	if !svd.Factorize(w, mat.SVDThin) {
		return nil, nil, nil, fmt.Errorf("%s: the singular value decomposition of its weight does not converge", s.Path)
	}
	u, v = &mat.Dense{}, &mat.Dense{}
	svd.UTo(u)
	svd.VTo(v)
	return u, svd.Values(nil), v, nil
}

func (m *method) pissa(in *seam.Init, s seam.Site, w *mat.Dense, r int, scale float64, a0, b0 []float32) error {
	if n, ok := m.c.Init.iterations(); ok {
		u, sv, v := randomSVD(w, r, n, in.Rand(s.Path))
		split(s, u, sv, v, r, scale, a0, b0)
		return nil
	}
	return principal(s, w, r, scale, a0, b0)
}

// principal finds the B A of rank r for which scale B A is nearest to w.
func principal(s seam.Site, w *mat.Dense, r int, scale float64, a0, b0 []float32) error {
	u, sv, v, err := decompose(s, w)
	if err != nil {
		return err
	}
	split(s, u, sv, v, r, scale, a0, b0)
	return nil
}

// split divides the first r singular values evenly among A and B.
func split(s seam.Site, u *mat.Dense, sv []float64, v *mat.Dense, r int, scale float64, a0, b0 []float32) {
	for k := range r {
		root := math.Sqrt(sv[k] / scale)
		for j := range s.In {
			a0[k*s.In+j] = float32(root * v.At(j, k))
		}
		for i := range s.Out {
			b0[i*r+k] = float32(root * u.At(i, k))
		}
	}
}

// qrFactors puts the first r rows of R into a and columns of Q into b.
func qrFactors(w *mat.Dense, r int, a, b []float32) {
	var qr mat.QR
	var q, rr mat.Dense
	out, in := w.Dims()
	tall := w
	if out < in { // gonum factorises tall matrices; the first out columns of a wide one give the same Q
		tall = mat.DenseCopyOf(w.Slice(0, out, 0, out))
	}
	qr.Factorize(tall)
	qr.QTo(&q)
	rr.Mul(q.T(), w)
	for k := range r {
		for j := range in {
			a[k*in+j] = float32(rr.At(k, j))
		}
		for i := range out {
			b[i*r+k] = float32(q.At(i, k))
		}
	}
}

// randomSVD is the rank-r decomposition by n rounds of subspace iteration from a random start (Halko et al. 2011,
// arXiv:0909.4061).
func randomSVD(w *mat.Dense, r, n int, rnd *rand.Rand) (u *mat.Dense, s []float64, v *mat.Dense) {
	out, in := w.Dims()
	start := mat.NewDense(in, r, nil)
	for i := range in {
		for j := range r {
			start.Set(i, j, rnd.NormFloat64())
		}
	}
	var y, z mat.Dense
	y.Mul(w, start)
	q := columns(&y, out, r)
	for range n {
		z.Mul(w.T(), q)
		qz := columns(&z, in, r)
		y.Mul(w, qz)
		q = columns(&y, out, r)
	}
	var small mat.Dense
	small.Mul(q.T(), w)
	var svd mat.SVD
	svd.Factorize(&small, mat.SVDThin)
	var inner mat.Dense
	u, v = &mat.Dense{}, &mat.Dense{}
	svd.UTo(&inner)
	u.Mul(q, &inner)
	svd.VTo(v)
	return u, svd.Values(nil), v
}

// columns is an orthonormal basis [rows, r] of a's columns.
func columns(a *mat.Dense, rows, r int) *mat.Dense {
	var qr mat.QR
	var q mat.Dense
	qr.Factorize(a)
	qr.QTo(&q)
	return mat.DenseCopyOf(q.Slice(0, rows, 0, r))
}
