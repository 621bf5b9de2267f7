package lokr

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	k := product{at: at, width: at.Site.In}
	k.one, k.two = parts(at, name1, name1A, name1B), parts(at, name2, name2A, name2B)
	var update seam.Map
	if at.Site.Kind == seam.Linear && k.cheaper() {
		update = &seam.MapFunc{At: at, Width: at.Site.In, Function: k.apply, Transposed: k.transposed, Whole: k.matrix}
	} else {
		update = at.Weight(k.matrix())
	}
	update = m.thinned(at, at.Scaled(at.Param(nameScale), update))
	w.Map = at.Plus(w.Map, at.Skipped(update, m.c.ModuleDropout))
	return w
}

// thinned leaves outputs out while training.
func (m *method) thinned(at *seam.At, update seam.Map) seam.Map {
	if m.c.RankDropoutScale {
		return at.Thinned(update, m.c.RankDropout)
	}
	if !at.Training() || m.c.RankDropout == 0 {
		return update
	}
	return at.Times(at.Diagonal(graph.ConvertDType(at.Keep(m.c.RankDropout, at.Site.Out), dtypes.Float32)), update)
}

// parts are the matrices whose product is a factor, the one that acts last first.
func parts(at *seam.At, whole, a, b string) []*seam.Node {
	if at.HasParam(whole) {
		return []*seam.Node{at.Param(whole)}
	}
	return []*seam.Node{at.Param(a), at.Param(b)}
}

// product is the Kronecker product of two factors at a site.
type product struct {
	at       *seam.At
	width    int
	one, two []*seam.Node
}

// sides gives the sides of a factor that is written as a product of parts.
func sides(parts []*seam.Node) (out, in int) {
	first, last := parts[0].Shape().Dimensions, parts[len(parts)-1].Shape().Dimensions
	return first[len(first)-2], last[len(last)-1]
}

// cost counts the multiplications of a vector with a factor's parts.
func cost(parts []*seam.Node) int {
	n := 0
	for _, p := range parts {
		d := p.Shape().Dimensions
		n += d[len(d)-2] * d[len(d)-1]
	}
	return n
}

// costs counts the multiplications for one vector, if the second factor acts first and if the first does.
func (k product) costs() (second, first int) {
	o1, c1 := sides(k.one)
	o2, c2 := sides(k.two)
	return c1*cost(k.two) + o2*cost(k.one), c2*cost(k.one) + o1*cost(k.two)
}

// cheaper reports whether applying the factors one after the other costs less than to make a matrix of them.
func (k product) cheaper() bool {
	return min(k.costs()) < k.at.Site.In*k.at.Site.Out
}

// apply computes (one ⊗ two) x: x as a matrix [c1, c2] becomes one x twoᵀ.
func (k product) apply(x *seam.Node) *seam.Node {
	second, first := k.costs()
	return k.both(x, k.one, k.two, second <= first)
}

// transposed computes (oneᵀ ⊗ twoᵀ) y.
func (k product) transposed(y *seam.Node) *seam.Node {
	second, first := k.costs()
	return k.both(y, k.turned(k.one), k.turned(k.two), first <= second)
}

func (k product) turned(parts []*seam.Node) []*seam.Node {
	var out []*seam.Node
	for _, p := range parts {
		out = append([]*seam.Node{k.at.Transpose(p)}, out...)
	}
	return out
}

func (k product) both(x *seam.Node, one, two []*seam.Node, secondFirst bool) *seam.Node {
	d := x.Shape().Dimensions
	lead := d[: len(d)-1 : len(d)-1]
	o1, c1 := sides(one)
	o2, c2 := sides(two)
	x = graph.Reshape(x, append(lead, c1, c2)...)
	if secondFirst {
		x = k.through(one, k.at.Transpose(k.through(two, x))) // [c1, c2] → [c1, o2] → [o2, c1] → [o2, o1]
		x = k.at.Transpose(x)
	} else {
		x = k.through(one, k.at.Transpose(x)) // [c2, c1] → [c2, o1]
		x = k.through(two, k.at.Transpose(x)) // [o1, c2] → [o1, o2]
	}
	return graph.Reshape(x, append(lead, o1*o2)...)
}

// through maps the last axis of x by the parts.
func (k product) through(parts []*seam.Node, x *seam.Node) *seam.Node {
	for i := len(parts) - 1; i >= 0; i-- {
		x = k.at.Dense(x, parts[i])
	}
	return x
}

// matrix is one ⊗ two as a matrix of the site, [out, in] or [out, in/groups · kernel].
func (k product) matrix() *seam.Node {
	one := k.one[0]
	if len(k.one) == 2 {
		one = graph.MatMul(k.one[0], k.one[1])
	}
	two := k.two[0]
	if k.at.HasParam(nameCore) {
		two = k.cored()
	} else if len(k.two) == 2 {
		two = graph.MatMul(k.two[0], k.two[1])
	}
	a, b, rows := one.Shape().Dimensions, two.Shape().Dimensions, 1
	if k.at.ByRow() {
		a, b, rows = a[1:], b[1:], a[0]
	}
	if len(b) == 3 { // HF PEFT's product at a convolution over one axis: the first factor meets the second's two last axes
		one, two = graph.Reshape(one, rows, 1, a[0], 1, a[1], 1), graph.Reshape(two, rows, b[0], 1, b[1], 1, b[2])
	} else {
		one, two = graph.Reshape(one, rows, a[0], 1, a[1], 1), graph.Reshape(two, rows, 1, b[0], 1, -1)
	}
	full := graph.Mul(one, two)
	if !k.at.ByRow() {
		return graph.Reshape(full, k.at.Site.Out, -1)
	}
	return graph.Reshape(full, rows, k.at.Site.Out, -1)
}

// cored is the second factor with a core between its parts: [o2, c2 · kernel].
func (k product) cored() *seam.Node {
	core, a, b := k.at.Param(nameCore), k.at.Transpose(k.two[0]), k.at.Transpose(k.two[1]) // [r, r, kernel…], [o2, r], [c2, r]
	var lead []int
	d := core.Shape().Dimensions
	if k.at.ByRow() {
		lead, d = d[:1:1], d[1:]
	}
	shape := func(n ...int) []int { return append(lead, n...) }
	x := graph.MatMul(a, graph.Reshape(core, shape(d[0], -1)...)) // [o2, r · kernel]
	o2 := a.Shape().Dimensions[len(lead)]
	x = graph.Reshape(x, shape(o2, d[1], -1)...)         // [o2, r, kernel]
	x = k.at.Transpose(k.at.Dense(k.at.Transpose(x), b)) // [o2, c2, kernel]
	return graph.Reshape(x, shape(o2, -1)...)
}
