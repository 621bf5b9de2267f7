package seam

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Frozen gives the map of the site's frozen weight, as Base gives it: without its bias and without any adapter's hook.
func (at *At) Frozen() Map { return &frozenMap{at.Call, at.below, at.Site} }

// frozenMap is the weight of a site as one branch of adapters sees it.
type frozenMap struct {
	c     *Call
	slots []*slot
	site  Site
}

func (m *frozenMap) Apply(x *Node) *Node {
	if m.site.Kind == Linear {
		return m.c.frozenLinear(m.slots, m.site.Path, x, false)
	}
	return dense(x, m.Matrix(), false)
}

func (m *frozenMap) ApplyTransposed(y *Node) *Node {
	w := m.Matrix()
	if w.Rank() > 2 {
		return graph.Dot(y, w).General([]int{y.Rank() - 1}, []int{0}, []int{1}, []int{0})
	}
	return graph.Dot(y, w).General([]int{y.Rank() - 1}, nil, []int{0}, nil)
}

func (m *frozenMap) Matrix() *Node {
	w, byRow := m.c.valueIn(m.slots, m.site.Path+".weight")
	if byRow && m.site.Kind == Conv {
		d := w.Shape().Dimensions
		return graph.Reshape(w, d[0], d[1], -1)
	}
	return asMatrix(m.site, w)
}

func (m *frozenMap) read(x *Node) (*Node, bool) {
	if m.site.Kind == Embedding {
		return m.c.frozenEmbedding(m.slots, m.site.Path, x), true
	}
	return m.c.frozenConv(m.slots, m.site, x, false), true
}

// Weight gives the map x wᵀ of a value w [out, in], or of each row's own when ByRow. At an Embedding w is [out, rows] where
// it reads ids. At a Conv site a w with more axes, [out, in/groups, kernel…], convolves the site's input, and a w [out, in]
// maps the channels of every place.
func (at *At) Weight(w *Node) Map { return &weightMap{at, w} }

type weightMap struct {
	at *At
	w  *Node
}

func (m *weightMap) convolves() bool {
	rank := m.w.Rank()
	if m.at.ByRow() {
		rank--
	}
	return m.at.Site.Kind == Conv && rank > 2
}

func (m *weightMap) Apply(x *Node) *Node {
	w := m.Matrix()
	if m.at.Site.Kind != Conv || x.Rank() <= 2 {
		return m.at.Dense(x, w)
	}
	for range x.Rank() - 2 {
		w = graph.InsertAxes(w, -1)
	}
	return convolve(pointwise(x.Rank()-2), x, w, m.at.ByRow())
}

// pointwise is the convolution of single points.
func pointwise(axes int) *Convolution {
	ones := make([]int, axes)
	for i := range ones {
		ones[i] = 1
	}
	return &Convolution{Kernel: ones, Stride: ones, Padding: make([]int, axes), Dilation: ones, Groups: 1}
}

func (m *weightMap) ApplyTransposed(y *Node) *Node {
	return m.at.Dense(y, swapLast(m.Matrix()))
}

func (m *weightMap) Matrix() *Node {
	if !m.convolves() {
		return m.w
	}
	d := m.w.Shape().Dimensions
	keep := 1
	if m.at.ByRow() {
		keep = 2
	}
	return graph.Reshape(m.w, append(d[:keep:keep], -1)...)
}

func (m *weightMap) read(x *Node) (*Node, bool) {
	site := m.at.Site
	if site.Kind == Embedding {
		return m.at.Lookup(swapLast(m.w), x), true
	}
	w := m.w
	if !m.convolves() {
		w = kernels(site, w)
	}
	v := *site.Conv
	if v.Groups > 1 && w.Shape().Dimensions[w.Rank()-1-len(v.Kernel)] == site.In { // it reads the channels of all groups
		v.Groups = 1
	}
	return convolve(&v, x, w, m.at.ByRow()), true
}

// Diagonal gives the map that multiplies each number with that of v [width], each row's own when ByRow.
func (at *At) Diagonal(v *Node) Map { return &diagonalMap{at, v} }

type diagonalMap struct {
	at *At
	v  *Node
}

func (m *diagonalMap) Apply(x *Node) *Node {
	if m.at.Site.Kind == Conv && x.Rank() > 2 {
		return graph.Mul(x, m.at.Channels(m.v, x))
	}
	return graph.Mul(x, m.at.Spread(m.v, x))
}

func (m *diagonalMap) ApplyTransposed(y *Node) *Node { return graph.Mul(y, m.at.Spread(m.v, y)) }

func (m *diagonalMap) Matrix() *Node {
	n := m.v.Shape().Dimensions[m.v.Rank()-1]
	one := graph.ConvertDType(graph.Diagonal(m.v.Graph(), n), m.v.DType())
	return graph.Mul(graph.InsertAxes(m.v, -1), one)
}

// Scaled gives the map m times s, a scalar such as alpha/r, each row's own when ByRow.
func (at *At) Scaled(s *Node, m Map) Map { return &scaledMap{at, s, m} }

type scaledMap struct {
	at *At
	s  *Node
	m  Map
}

func (m *scaledMap) scale(y *Node) *Node           { return graph.Mul(y, m.at.Spread(m.s, y)) }
func (m *scaledMap) Apply(x *Node) *Node           { return m.scale(m.m.Apply(x)) }
func (m *scaledMap) ApplyTransposed(y *Node) *Node { return m.scale(right(y, m.m)) }
func (m *scaledMap) Matrix() *Node                 { return m.scale(m.m.Matrix()) }
func (m *scaledMap) read(x *Node) (*Node, bool) {
	r, ok := m.m.(reader)
	if !ok {
		return nil, false
	}
	y, ok := r.read(x)
	if ok {
		y = m.scale(y)
	}
	return y, ok
}

// Dropped gives the map m of x whose elements are set to 0 with probability p while training; see Call.Dropout. Ids are read
// as they are.
func (at *At) Dropped(m Map, p float64) Map {
	if !at.training || p <= 0 {
		return m
	}
	return &droppedMap{at, m, p}
}

type droppedMap struct {
	at *At
	m  Map
	p  float64
}

func (m *droppedMap) Apply(x *Node) *Node { return m.m.Apply(m.at.Dropout(x, m.p)) }
func (m *droppedMap) Matrix() *Node       { return m.m.Matrix() }
func (m *droppedMap) read(x *Node) (*Node, bool) {
	if x.DType() != dtypes.Float32 {
		r, ok := m.m.(reader)
		if !ok {
			return nil, false
		}
		return r.read(x)
	}
	return readSite(m.at.Call, m.at.Site, m.m, m.at.Dropout(x, m.p)), true
}

// Blocks gives the map by the square or oblong matrices r [count, out, in] down the diagonal, each of which maps a stretch of
// the last axis.
func (at *At) Blocks(r *Node) Map { return &blocksMap{at, r} }

type blocksMap struct {
	at *At
	r  *Node
}

// along maps the last axis of x, stretch by stretch: r's axis over to the other.
func (m *blocksMap) along(x *Node, over, to int) *Node {
	d := x.Shape().Dimensions
	n, k := m.r.Shape().Dimensions[0], m.r.Shape().Dimensions[over]
	split := graph.Reshape(x, -1, n, k)
	y := graph.Dot(split, m.r).General([]int{2}, []int{1}, []int{over}, []int{0}) // [n, x, to]
	y = graph.TransposeAllAxes(y, 1, 0, 2)
	return graph.Reshape(y, append(d[:len(d)-1:len(d)-1], n*m.r.Shape().Dimensions[to])...)
}

func (m *blocksMap) Apply(x *Node) *Node {
	return onChannels(m.at, x, func(x *Node) *Node { return m.along(x, 2, 1) })
}

func (m *blocksMap) ApplyTransposed(y *Node) *Node { return m.along(y, 1, 2) }

func (m *blocksMap) Matrix() *Node {
	d := m.r.Shape().Dimensions
	return m.ApplyTransposed(graph.ConvertDType(graph.Diagonal(m.r.Graph(), d[0]*d[1]), m.r.DType()))
}

// onChannels computes f of the last axis, or of the second at a convolution.
func onChannels(at *At, x *Node, f func(*Node) *Node) *Node {
	if at.Site.Kind != Conv || x.Rank() <= 2 {
		return f(x)
	}
	last := make([]int, 0, x.Rank())
	back := []int{0, x.Rank() - 1}
	last = append(last, 0)
	for i := 2; i < x.Rank(); i++ {
		last, back = append(last, i), append(back, i-1)
	}
	return graph.TransposeAllAxes(f(graph.TransposeAllAxes(x, append(last, 1)...)), back...)
}
