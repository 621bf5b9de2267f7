package svd

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
)

// LowRank approximates the r largest singular values of the matrix w [rows, columns], row by row, and their vectors as torch's
// svd_lowrank does: it follows r directions from a start, turns times there and back, and no further ones beside them
// (Halko, Martinsson and Tropp 2011, arXiv:0909.4061, algorithms 4.4 and 5.1). What comes out hence depends on the start where
// singular values lie close together. draw fills the start, a matrix [min(rows, columns), r] in rows. u has r of rows numbers
// each, v r of columns numbers each, and signs are as Top settles them. Directions that w does not have are zeros. r must be at
// most rows and columns.
func LowRank(w []float32, rows, columns, r, turns int, draw func(out []float32)) (u [][]float64, s []float64, v [][]float64, err error) {
	if len(w) != rows*columns || r < 1 || r > min(rows, columns) {
		return nil, nil, nil, fmt.Errorf("svd: %d values of %d numbers as [%d, %d]", r, len(w), rows, columns)
	}
	m := blas32.General{Rows: rows, Cols: columns, Stride: columns, Data: w}
	there, back := blas.Trans, blas.NoTrans // of vectors in rows: theirs is the transposed product
	if rows < columns {
		there, back = back, there
	}
	short := min(rows, columns)
	start, block := make([]float32, short*r), make([][]float64, r)
	draw(start)
	for k := range block {
		block[k] = make([]float64, short)
		for i := range block[k] {
			block[k][i] = float64(start[i*r+k])
		}
	}
	long := orthonormal(nil, product(block, m, there))
	for range turns {
		long = orthonormal(nil, product(orthonormal(nil, product(long, m, back)), m, there))
	}
	inner := product(long, m, back) // long times w
	s, u, v = make([]float64, r), zeros(r, max(rows, columns)), zeros(r, short)
	if len(long) > 0 {
		flat := mat.NewDense(len(long), short, nil)
		for i, x := range inner {
			flat.SetRow(i, x)
		}
		var d mat.SVD
		if !d.Factorize(flat, mat.SVDThin) {
			return nil, nil, nil, ErrDiverged
		}
		var left, right mat.Dense
		d.UTo(&left)
		d.VTo(&right)
		for k, value := range d.Values(nil) {
			s[k], u[k], v[k] = value, combined(long, &left, k, 1), mat.Col(nil, k, &right)
		}
	}
	if rows < columns {
		u, v = v, u
	}
	settleSigns(u, v)
	return u, s, v, nil
}

func zeros(count, size int) [][]float64 {
	out := make([][]float64, count)
	for i := range out {
		out[i] = make([]float64, size)
	}
	return out
}

// product gives each vector times w, or times its transpose.
func product(vectors [][]float64, w blas32.General, t blas.Transpose) [][]float64 {
	if len(vectors) == 0 {
		return nil
	}
	size, width := len(vectors[0]), w.Cols
	if t == blas.Trans {
		width = w.Rows
	}
	a := blas32.General{Rows: len(vectors), Cols: size, Stride: size, Data: make([]float32, len(vectors)*size)}
	for i, x := range vectors {
		copy(a.Data[i*size:], narrowed(x))
	}
	c := blas32.General{Rows: len(vectors), Cols: width, Stride: width, Data: make([]float32, len(vectors)*width)}
	blas32.Gemm(blas.NoTrans, t, 1, a, w, 0, c)
	out := make([][]float64, len(vectors))
	for i := range out {
		out[i] = widened(c.Data[i*width : (i+1)*width])
	}
	return out
}
