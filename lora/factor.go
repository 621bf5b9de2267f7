package lora

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/peft/seam"
)

func (m *method) pissa(in *seam.Init, s seam.Site, w *mat.Dense, r int, scale float64, a0, b0 []float32) error {
	u, sv, v := &mat.Dense{}, []float64(nil), &mat.Dense{}
	if n, ok := m.c.Init.iterations(); ok {
		u, sv, v = randomSVD(w, r, n, in.Rand(s.Path))
	} else {
		var svd mat.SVD
		if !svd.Factorize(w, mat.SVDThin) {
			return fmt.Errorf("%s: the singular value decomposition of its weight does not converge", s.Path)
		}
		svd.UTo(u)
		svd.VTo(v)
		sv = svd.Values(nil)
	}
	for k := range r {
		root := math.Sqrt(sv[k] / scale)
		for j := range s.In {
			a0[k*s.In+j] = float32(root * v.At(j, k))
		}
		for i := range s.Out {
			b0[i*r+k] = float32(root * u.At(i, k))
		}
	}
	return nil
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
