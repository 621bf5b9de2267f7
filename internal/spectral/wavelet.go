package spectral

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

//go:embed filters.txt
var filters string

// Wavelet is an orthogonal wavelet by its synthesis filters.
type Wavelet struct {
	name   string
	lo, hi []float64
}

// WaveletByName gives a wavelet by PyWavelets' name: db1 to db38 (Daubechies 1992), sym2 to sym20, coif1 to coif17. ok is false
// for others. What coif4 is, is said in internal/testdata/gen/wavelets.py.
func WaveletByName(name string) (w *Wavelet, ok bool) {
	for line := range strings.Lines(filters) {
		words := strings.Fields(line)
		if words[0] != name {
			continue
		}
		w = &Wavelet{name: name, lo: make([]float64, len(words)-1), hi: make([]float64, len(words)-1)}
		for i, word := range words[1:] {
			v, err := strconv.ParseFloat(word, 64)
			if err != nil {
				return nil, false
			}
			w.lo[i] = v
		}
		for i := range w.hi { // the mirrored filter
			w.hi[i] = w.lo[len(w.lo)-1-i]
			if i%2 == 1 {
				w.hi[i] = -w.hi[i]
			}
		}
		return w, true
	}
	return nil, false
}

// Waves lists the names that WaveletByName knows.
func Waves() []string {
	var out []string
	for line := range strings.Lines(filters) {
		out = append(out, line[:strings.IndexByte(line, ' ')])
	}
	return out
}

// An axis of a result, i = 0 to width-1, is made of coefficients c (coarse) and d (fine), which reach two numbers further each:
//
//	y[i] = Σk lo[i+L-2-2k] c[k] + hi[i+L-2-2k] d[k]
//
// for filters of L numbers, as PyWavelets' dwt has it. It is computed in blocks of 2·half numbers, each of which depends on
// two stretches of half coefficients, its own and the next: hence coefficients stand in stretches, first all of c, then all of d,
// and there is one stretch more than there are blocks.

// half is the number of coefficients in a stretch.
func (w *Wavelet) half() int { return max(16, len(w.lo)/2-1) }

func (w *Wavelet) blocks(width int) int {
	return (width + 2*w.half() - 1) / (2 * w.half())
}

// Coefficients is how many of each kind belong to a width.
func (w *Wavelet) Coefficients(width int) int { return (width + len(w.lo) - 1) / 2 }

// Size is the length of an axis of Inverse2's argument, for a result of this width.
func (w *Wavelet) Size(width int) int { return 2 * (w.blocks(width) + 1) * w.half() }

// Place is where the coefficient k, of the fine ones or of the coarse ones, stands on that axis.
func (w *Wavelet) Place(k int, fine bool, width int) int {
	if fine {
		return k + w.Size(width)/2
	}
	return k
}

// Inverse2 gives the matrix [m, n] whose discrete wavelet transform of one level is x [Size(m), Size(n)], with coefficients
// where Place says and 0 elsewhere. Graph-building.
func (w *Wavelet) Inverse2(tables Tables, x *node, m, n int) *node {
	y := graph.Transpose(w.alongLast(tables, x, n), 0, 1)
	return graph.Transpose(w.alongLast(tables, y, m), 0, 1)
}

func (w *Wavelet) alongLast(tables Tables, x *node, width int) *node {
	rows, blocks, half := x.Shape().Dimensions[0], w.blocks(width), w.half()
	table := tables("wavelet "+w.name, func() *node { return graph.Const(x.Graph(), w.table()) })
	x = graph.Reshape(x, rows, 2, blocks+1, half)
	own := graph.SliceAxis(x, 2, graph.AxisRange(0, blocks))
	next := graph.SliceAxis(x, 2, graph.AxisRange(1, blocks+1))
	both := graph.Concatenate([]*node{own, next}, 3)
	y := graph.Dot(both, table).General([]int{1, 3}, nil, []int{0, 1}, nil) // [rows, blocks, 2·half]
	y = graph.Reshape(y, rows, blocks*2*half)
	return graph.SliceAxis(y, 1, graph.AxisRange(0, width))
}

// table is a block's dependence on its coefficients: [coarse or fine, k, i].
func (w *Wavelet) table() [][][]float32 {
	n := 2 * w.half()
	out := [][][]float32{rows(n, n), rows(n, n)}
	for k := range n {
		for i := range n {
			if t := i + len(w.lo) - 2 - 2*k; t >= 0 && t < len(w.lo) {
				out[0][k][i], out[1][k][i] = float32(w.lo[t]), float32(w.hi[t])
			}
		}
	}
	return out
}
