package spectral

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
)

type node = graph.Node

// Tables keeps the tables of a graph, so that transforms of one width share them: it gives what build made for a name the first
// time. seam.At.Once is such a function.
type Tables func(name string, build func() *node) *node

// Hartley2 gives y[p, q] = Σ x[u, v] cas(2πpu/m) cas(2πqv/n) of a matrix x [m, n] of float32, where cas t = cos t + sin t: the
// separable Hartley transform of both axes (Bracewell 1983). It is its own inverse, but for a factor mn. Graph-building.
func Hartley2(tables Tables, x *node) *node {
	return alongFirst(tables, alongLast(tables, x))
}

func alongFirst(tables Tables, x *node) *node {
	return graph.Transpose(alongLast(tables, graph.Transpose(x, 0, 1)), 0, 1)
}

// alongLast transforms each row.
func alongLast(tables Tables, x *node) *node {
	d := x.Shape().Dimensions
	m, n := d[0], d[1]
	a, b := factors(n)
	if b == 1 {
		whole := tables(fmt.Sprintf("hartley %d", n), func() *node { return graph.Const(x.Graph(), wholeTable(n)) })
		return graph.Dot(x, whole).Product()
	}
	// With j = j1·b + j2 and k = k1 + a·k2 the angle jk/n is j1k1/a + (j2k1/n + j2k2/b) but for whole turns, and
	// cas(s + t) = cas(s) cos(t) + cas(-s) sin(t).
	outer := tables(fmt.Sprintf("hartley %d, outer", n), func() *node { return graph.Const(x.Graph(), outerTable(a)) })
	inner := tables(fmt.Sprintf("hartley %d, inner", n), func() *node {
		return graph.Reshape(graph.Const(x.Graph(), innerTable(a, b)), a, b, 2, b)
	})
	split := graph.Reshape(x, m, a, b)
	y := graph.Dot(split, outer).General([]int{1}, nil, []int{0}, nil) // [m, j2, sign·k1]
	y = graph.Reshape(y, m, b, 2, a)
	y = graph.Dot(y, inner).General([]int{1, 2}, []int{3}, []int{1, 2}, []int{0}) // [k1, m, k2]
	return graph.Reshape(graph.TransposeAllAxes(y, 1, 2, 0), m, n)
}

const (
	smallest = 96      // up to this width two steps gain nothing
	largest  = 2 << 20 // numbers of a table, if it can be helped
)

// factors gives the a and b of a width n = a·b whose two steps cost least, b = 1 where one step does.
func factors(n int) (a, b int) {
	a, b = n, 1
	if n <= smallest {
		return a, b
	}
	for f := 2; f <= n/2; f++ {
		if n%f == 0 && better(n/f, f, a, b) {
			a, b = n/f, f
		}
	}
	return a, b
}

// better reports whether a·b are better factors than others: by their tables where those are large, else by their cost.
func better(a, b, otherA, otherB int) bool {
	size, other := tableSize(a, b), tableSize(otherA, otherB)
	if size > largest || other > largest {
		return size < other
	}
	return cost(a, b) < cost(otherA, otherB)
}

func tableSize(a, b int) int {
	if b == 1 {
		return a * a
	}
	return max(2*a*a, 2*a*b*b)
}

// cost is the number of products for each element.
func cost(a, b int) int {
	if b == 1 {
		return a
	}
	return 2 * (a + b)
}

// turn gives cos and sin of 2πk/n.
func turn(k, n int) (cos, sin float64) {
	sin, cos = math.Sincos(2 * math.Pi * float64(k%n) / float64(n))
	return cos, sin
}

// wholeTable is cas(2πjk/n).
func wholeTable(n int) [][]float32 {
	out := rows(n, n)
	for j := range n {
		for k := range n {
			c, s := turn(j*k, n)
			out[j][k] = float32(c + s)
		}
	}
	return out
}

// outerTable is cas(±2πjk/a) [j, sign·k].
func outerTable(a int) [][]float32 {
	out := rows(a, 2*a)
	for j := range a {
		for k := range a {
			c, s := turn(j*k, a)
			out[j][k], out[j][a+k] = float32(c+s), float32(c-s)
		}
	}
	return out
}

// innerTable is the cosine and the sine of 2π(jk1/n + jk2/b) [k1·j, sign·k2].
func innerTable(a, b int) [][]float32 {
	out := rows(a*b, 2*b)
	for k1 := range a {
		for j := range b {
			for k2 := range b {
				c, s := turn(j*(k1+a*k2), a*b)
				out[k1*b+j][k2], out[k1*b+j][b+k2] = float32(c), float32(s)
			}
		}
	}
	return out
}

func rows(m, n int) [][]float32 {
	flat := make([]float32, m*n)
	out := make([][]float32, m)
	for i := range out {
		out[i] = flat[i*n : (i+1)*n]
	}
	return out
}
