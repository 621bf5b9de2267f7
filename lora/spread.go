package lora

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// spread follows the main directions of rows that come in batches: principal component analysis, batch by batch (Ross et al.
// 2008, Incremental learning for robust visual tracking), which holds no more than the directions found so far.
type spread struct {
	width, most int // of a row; directions to be followed
	rnd         *rand.Rand

	seen       int        // rows
	mean, vary []float64  // of each element
	directions *mat.Dense // [most, width], nil before the first batch
	values     []float64  // singular values of all rows seen, in these directions
	explained  []float64  // the share of the rows' variance in each
	found      int        // how many of the first directions the last batch has left as they were
}

// add looks at the rows of a batch that count. One with fewer rows than directions is passed over.
func (p *spread) add(path string, x, mask []float32, width int, tau float64) error {
	var rows []float64
	n := 0
	for i, m := range mask {
		if m == 0 {
			continue
		}
		n++
		for _, v := range x[i*width : (i+1)*width] {
			rows = append(rows, float64(v))
		}
	}
	if n < p.most || n == 0 {
		return nil
	}
	batch := mat.NewDense(n, width, rows)
	mean, vary := moments(batch)
	total := p.seen + n
	stack := batch
	if p.directions == nil {
		p.mean, p.vary = mean, vary
		centre(batch, mean)
	} else {
		k, _ := p.directions.Dims()
		stack = mat.NewDense(k+n+1, width, nil)
		for i := range k {
			for j := range width {
				stack.Set(i, j, p.values[i]*p.directions.At(i, j))
			}
		}
		centre(batch, mean)
		stack.Slice(k, k+n, 0, width).(*mat.Dense).Copy(batch)
		shift := math.Sqrt(float64(p.seen) / float64(total) * float64(n))
		for j := range width {
			apart := p.mean[j] - mean[j]
			stack.Set(k+n, j, shift*apart)
			p.vary[j] += vary[j] + apart*apart*float64(p.seen)*float64(n)/float64(total)
			p.mean[j] = (p.mean[j]*float64(p.seen) + mean[j]*float64(n)) / float64(total)
		}
	}
	p.seen = total
	rowCount, _ := stack.Dims()
	_, sv, v := randomSVD(stack, min(2*p.most, rowCount, width), 4, p.rnd)
	former := p.directions
	k := min(p.most, len(sv))
	p.directions, p.values, p.explained = mat.NewDense(k, width, nil), sv[:k], make([]float64, k)
	sum := 0.0
	for _, s := range p.vary {
		sum += s
	}
	for i := range k {
		sign := 1.0
		at := 0
		for j := range width {
			if math.Abs(v.At(j, i)) > math.Abs(v.At(at, i)) {
				at = j
			}
		}
		if v.At(at, i) < 0 {
			sign = -1
		}
		for j := range width {
			p.directions.Set(i, j, sign*v.At(j, i))
		}
		if sum > 0 {
			p.explained[i] = sv[i] * sv[i] / sum
		}
	}
	p.found = 0
	for former != nil && p.found < k && mat.Dot(former.RowView(p.found), p.directions.RowView(p.found)) >= tau {
		p.found++
	}
	return nil
}

// moments gives the mean of each column, and the sum of squares of what is apart from it.
func moments(x *mat.Dense) (mean, apart []float64) {
	n, width := x.Dims()
	mean, apart = make([]float64, width), make([]float64, width)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			mean[j] += v / float64(n)
		}
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			apart[j] += (v - mean[j]) * (v - mean[j])
		}
	}
	return mean, apart
}

// centre takes a mean from each row.
func centre(x *mat.Dense, mean []float64) {
	n, _ := x.Dims()
	for i := range n {
		row := x.RawRowView(i)
		for j := range row {
			row[j] -= mean[j]
		}
	}
}
