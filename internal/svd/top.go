package svd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

const (
	small  = 64   // matrices that are no larger in one direction are decomposed whole
	extra  = 2    // directions that are followed beside those asked for
	rounds = 12   // of the iteration, at most
	still  = 1e-6 // by how much values change at most when it ends, relative to themselves
)

// Top gives the r largest singular values s of the matrix w [rows, columns], row by row, in falling order, and their vectors: u
// has r of rows numbers each, v r of columns numbers each. The number of largest size in each of v is positive, which settles the
// signs; where values are equal, their vectors may be any that span the same space. r must be at most rows and columns.
//
// It iterates a random block of vectors, and finds the best in all that came up so far (Musco and Musco 2015, arXiv:1504.05477).
// That takes a few dozen products with vectors. Values come out to about 1e-6 of themselves where they stand apart from those
// that were not asked for, and somewhat too small where they don't, as in a random matrix.
func Top(w []float32, rows, columns, r int, rnd *rand.Rand) (u [][]float64, s []float64, v [][]float64, err error) {
	switch {
	case len(w) != rows*columns || r < 1 || r > min(rows, columns):
		return nil, nil, nil, fmt.Errorf("svd: %d values of %d numbers as [%d, %d]", r, len(w), rows, columns)
	case min(rows, columns) <= max(small, (extra+r)*rounds):
		u, s, v, err = whole(w, rows, columns, r)
	default:
		u, s, v, err = iterated(w, rows, columns, r, rnd)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	settleSigns(u, v)
	return u, s, v, nil
}

// settleSigns makes the number of largest size in each of v positive.
func settleSigns(u, v [][]float64) {
	for k, x := range v {
		largest := 0.0
		for _, y := range x {
			if math.Abs(y) > math.Abs(largest) {
				largest = y
			}
		}
		if largest < 0 {
			negate(u[k])
			negate(x)
		}
	}
}

func negate(x []float64) {
	for i := range x {
		x[i] = -x[i]
	}
}

// whole decomposes the matrix.
func whole(w []float32, rows, columns, r int) (u [][]float64, s []float64, v [][]float64, err error) {
	wide := make([]float64, len(w))
	for i, x := range w {
		wide[i] = float64(x)
	}
	var d mat.SVD
	if !d.Factorize(mat.NewDense(rows, columns, wide), mat.SVDThin) {
		return nil, nil, nil, fmt.Errorf("svd: the decomposition does not converge")
	}
	var left, right mat.Dense
	d.UTo(&left)
	d.VTo(&right)
	for k := range r {
		u, v = append(u, mat.Col(nil, k, &left)), append(v, mat.Col(nil, k, &right))
	}
	return u, d.Values(nil)[:r], v, nil
}

// iterated grows an orthonormal basis of vectors by blocks, each the last one times w wᵀ.
func iterated(w []float32, rows, columns, r int, rnd *rand.Rand) (u [][]float64, s []float64, v [][]float64, err error) {
	m := &matrix{w, rows, columns}
	block := make([][]float64, r+extra)
	for k := range block {
		block[k] = make([]float64, columns)
		for i := range block[k] {
			block[k][i] = rnd.NormFloat64()
		}
	}
	var basis, images [][]float64 // of the columns' space, and wᵀ times each
	var values []float64
	var vectors mat.Dense
	for range rounds {
		block = orthonormal(basis, m.times(block))
		basis = append(basis, block...)
		block = m.transposedTimes(block)
		images = append(images, block...)
		if len(images) == 0 { // zeros
			break
		}
		gram := mat.NewSymDense(len(images), nil)
		for i, a := range images {
			for j, b := range images[:i+1] {
				gram.SetSym(i, j, dot(a, b))
			}
		}
		var e mat.EigenSym
		if !e.Factorize(gram, true) {
			return nil, nil, nil, fmt.Errorf("svd: the decomposition does not converge")
		}
		vectors.Reset()
		e.VectorsTo(&vectors)
		before := values
		values = e.Values(nil)
		if settled(before, values, r) || len(block) == 0 {
			break
		}
	}
	n := len(values)
	for k := range min(r, n) { // eigenvalues rise
		s = append(s, math.Sqrt(max(values[n-1-k], 0)))
		u = append(u, combined(basis, &vectors, n-1-k, 1))
		scale := 0.0
		if s[k] > 0 {
			scale = 1 / s[k]
		}
		v = append(v, combined(images, &vectors, n-1-k, scale))
	}
	for len(s) < r { // a matrix of lower rank
		s, u, v = append(s, 0), append(u, make([]float64, rows)), append(v, make([]float64, columns))
	}
	return u, s, v, nil
}

// settled reports whether the r largest of the rising values hardly changed.
func settled(before, now []float64, r int) bool {
	if len(before) < r {
		return false
	}
	for k := 1; k <= r; k++ {
		old, v := before[len(before)-k], now[len(now)-k]
		if math.Abs(v-old) > still*math.Abs(v) {
			return false
		}
	}
	return true
}

// combined is the sum of vectors by the weights in a column.
func combined(vectors [][]float64, weights *mat.Dense, column int, scale float64) []float64 {
	out := make([]float64, len(vectors[0]))
	for j, x := range vectors {
		add(out, scale*weights.At(j, column), x)
	}
	return out
}

// orthonormal makes vectors orthogonal to a basis and to each other, and of length 1. Those of which nothing is left are dropped.
func orthonormal(basis, block [][]float64) [][]float64 {
	var out [][]float64
	for _, x := range block {
		length := math.Sqrt(dot(x, x))
		for range 2 { // once more for what rounding left
			for _, q := range basis {
				add(x, -dot(q, x), q)
			}
			for _, q := range out {
				add(x, -dot(q, x), q)
			}
		}
		left := math.Sqrt(dot(x, x))
		if !(left > 1e-10*length) {
			continue
		}
		for i := range x {
			x[i] /= left
		}
		out = append(out, x)
	}
	return out
}

func dot(a, b []float64) float64 {
	return blas64.Dot(blas64.Vector{N: len(a), Inc: 1, Data: a}, blas64.Vector{N: len(b), Inc: 1, Data: b})
}

func add(to []float64, by float64, x []float64) {
	blas64.Axpy(by, blas64.Vector{N: len(x), Inc: 1, Data: x}, blas64.Vector{N: len(to), Inc: 1, Data: to})
}

// matrix is computed with in float32, whose products gonum has in assembly; all else is in float64.
type matrix struct {
	w             []float32
	rows, columns int
}

// times gives w times each vector.
func (m *matrix) times(block [][]float64) [][]float64 {
	out := make([][]float64, len(block))
	for k, x := range block {
		narrow, y := narrowed(x), make([]float32, m.rows)
		m.halves(func(part blas32.General, from, to int) {
			blas32.Gemv(blas.NoTrans, 1, part, blas32.Vector{N: m.columns, Inc: 1, Data: narrow}, 0, blas32.Vector{N: to - from, Inc: 1, Data: y[from:to]})
		})
		out[k] = widened(y)
	}
	return out
}

// transposedTimes gives wᵀ times each vector.
func (m *matrix) transposedTimes(block [][]float64) [][]float64 {
	out := make([][]float64, len(block))
	for k, y := range block {
		narrow := narrowed(y)
		var parts [2][]float64
		m.halves(func(part blas32.General, from, to int) {
			z := make([]float32, m.columns)
			blas32.Gemv(blas.Trans, 1, part, blas32.Vector{N: to - from, Inc: 1, Data: narrow[from:to]}, 0, blas32.Vector{N: m.columns, Inc: 1, Data: z})
			parts[min(from, 1)] = widened(z)
		})
		add(parts[0], 1, parts[1])
		out[k] = parts[0]
	}
	return out
}

// halves does the work of the upper and the lower half of the rows at the same time.
func (m *matrix) halves(work func(part blas32.General, from, to int)) {
	half := func(from, to int) {
		work(blas32.General{Rows: to - from, Cols: m.columns, Stride: m.columns, Data: m.w[from*m.columns : to*m.columns]}, from, to)
	}
	var other sync.WaitGroup
	other.Go(func() { half(m.rows/2, m.rows) })
	half(0, m.rows/2)
	other.Wait()
}

func narrowed(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func widened(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
