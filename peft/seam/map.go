package seam

import (
	"github.com/gomlx/gomlx/core/graph"
)

// Map is a linear map inside a graph: the frozen weight of a site, a low-rank update of it, a rotation. A [WeightHook] says
// with maps what becomes of a site. At makes them: Frozen, Weight, Diagonal, Scaled, Blocks, Times, Plus, Dropped; a method
// may have further ones of its own. Graph-building.
type Map interface {
	// Apply computes the map of the last axis of x: [batch, …, in] to [batch, …, out]. At a Conv site these are the channels,
	// which are the second axis of an x of more than two axes.
	Apply(x *Node) *Node
	// Matrix gives the map as a matrix [out, in]. At a Conv site, a map that reads the site's input has in/groups times the
	// kernel's size for in, in the order of the site's weight; at an Embedding in is the number of rows. Where rows have
	// adapters of their own (At.ByRow), it may have the leading axis [batch].
	Matrix() *Node
}

// Transposer is implemented by maps that compute their transpose cheaper than by their matrix. All of At's do.
type Transposer interface {
	// ApplyTransposed computes the transposed map of the last axis of y: [batch, …, out] to [batch, …, in].
	ApplyTransposed(y *Node) *Node
}

// reader is implemented by maps that can read a site's input as the site itself does: a convolution's places, an embedding's
// ids. Where a map can't, ok is false, and the site computes with its matrix.
type reader interface {
	read(x *Node) (y *Node, ok bool)
}

// left is m times a matrix [n, k], computed without m's own matrix.
func left(m Map, matrix *Node) *Node { return swapLast(m.Apply(swapLast(matrix))) }

// right is a matrix [k, n] times m.
func right(matrix *Node, m Map) *Node {
	if t, ok := m.(Transposer); ok {
		return t.ApplyTransposed(matrix)
	}
	return graph.MatMul(matrix, m.Matrix())
}

// swapLast swaps the two last axes.
func swapLast(x *Node) *Node { return graph.Transpose(x, x.Rank()-2, x.Rank()-1) }

// Affine is what a site computes: a linear map and what is added to its result.
type Affine struct {
	Map Map
	// Bias is added to the map's result: [out], or [batch, out] where At.ByRow; nil means nothing.
	Bias *Node
}

// AddBias gives w with b added to its result, a value [out] of the adapter, each row's own when ByRow.
func (at *At) AddBias(w Affine, b *Node) Affine {
	switch {
	case w.Bias == nil:
		w.Bias = b
	case w.Bias.Rank() < b.Rank():
		w.Bias = graph.Add(graph.InsertAxes(w.Bias, 0), b)
	case w.Bias.Rank() > b.Rank():
		w.Bias = graph.Add(w.Bias, graph.InsertAxes(b, 0))
	default:
		w.Bias = graph.Add(w.Bias, b)
	}
	return w
}

// Then gives the map m of the whole result of w, bias included: as (IA)^3 scales it.
func (at *At) Then(m Map, w Affine) Affine {
	out := Affine{Map: at.Times(m, w.Map)}
	if b := w.Bias; b != nil {
		if b.Rank() == 1 {
			if b = graph.InsertAxes(b, 0); at.ByRow() {
				b = graph.BroadcastToDims(b, at.slot.rows.Shape().Dimensions[0], b.Shape().Dimensions[1])
			}
		}
		if out.Bias = m.Apply(b); out.Bias.Shape().Dimensions[0] == 1 && !at.ByRow() {
			out.Bias = graph.Reshape(out.Bias, -1)
		}
	}
	return out
}

// compute is what the site gives for x.
func (w Affine) compute(c *Call, site Site, x *Node) *Node {
	y := readSite(c, site, w.Map, x)
	if w.Bias == nil {
		return y
	}
	byRow := w.Bias.Rank() > 1
	if site.Kind == Conv {
		return graph.Add(y, channels(w.Bias, y, byRow))
	}
	return graph.Add(y, spread(w.Bias, y, byRow))
}

// readSite computes a map of a site's input in the site's own way: of ids, of places, or of the last axis.
func readSite(c *Call, site Site, m Map, x *Node) *Node {
	if site.Kind == Linear {
		return m.Apply(x)
	}
	if r, ok := m.(reader); ok {
		if y, ok := r.read(x); ok {
			return y
		}
	}
	matrix := m.Matrix()
	byRow := matrix.Rank() > 2
	if site.Kind == Embedding {
		return lookup(swapLast(matrix), x, byRow)
	}
	return convolve(site.Conv, x, kernels(site, matrix), byRow)
}

// kernels lays a matrix [out, in/groups · kernel] out as the weight of a convolution.
func kernels(site Site, matrix *Node) *Node {
	d := matrix.Shape().Dimensions
	shape := append(d[:len(d)-1:len(d)-1], site.In/site.Conv.Groups)
	return graph.Reshape(matrix, append(shape, site.Conv.Kernel...)...)
}

// laidOut gives a matrix of a site with the axes of the site's weight.
func laidOut(site Site, matrix *Node) *Node {
	switch site.Kind {
	case Embedding:
		return swapLast(matrix)
	case Conv:
		return kernels(site, matrix)
	}
	return matrix
}

// asMatrix gives a value with the axes of a site's weight as a matrix [out, in].
func asMatrix(site Site, w *Node) *Node {
	switch site.Kind {
	case Embedding:
		return swapLast(w)
	case Conv:
		return graph.Reshape(w, w.Shape().Dimensions[0], -1)
	}
	return w
}
