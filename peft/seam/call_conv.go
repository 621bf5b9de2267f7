package seam

import "github.com/gomlx/gomlx/core/graph"

// Conv asks for the convolution at a site: x [batch, in, …] to [batch, out, …].
func (c *Call) Conv(path string, x *Node) *Node {
	site := c.site(path)
	return c.mix(site, func(slots []*slot) *Node { return c.affine(site, slots).compute(c, site, x) })
}

// frozenConv is the convolution without hooks.
func (c *Call) frozenConv(slots []*slot, site Site, x *Node, bias bool) *Node {
	w, byRow := c.valueIn(slots, site.Path+".weight")
	y := convolve(site.Conv, x, w, byRow)
	if !bias || !c.Has(site.Path+".bias") {
		return y
	}
	b, byRow := c.valueIn(slots, site.Path+".bias")
	return graph.Add(y, channels(b, y, byRow))
}

// convolve is v's convolution with w, or with w [batch, out, in/groups, kernel…] row by row: rows are then groups of one
// input.
func convolve(v *Convolution, x, w *Node, byRow bool) *Node {
	if !byRow {
		return v.Apply(x, w)
	}
	d, k := x.Shape().Dimensions, w.Shape().Dimensions
	grouped := *v
	grouped.Groups *= d[0]
	y := grouped.Apply(graph.Reshape(x, append([]int{1, d[0] * d[1]}, d[2:]...)...), graph.Reshape(w, append([]int{k[0] * k[1]}, k[2:]...)...))
	return graph.Reshape(y, append([]int{d[0], k[1]}, y.Shape().Dimensions[2:]...)...)
}

// channels shapes a value of every channel [channels], or [batch, channels] by row, so that it meets like [batch,
// channels, …].
func channels(v, like *Node, byRow bool) *Node {
	dims := make([]int, like.Rank())
	for i := range dims {
		dims[i] = 1
	}
	last := v.Rank() - 1
	dims[1] = v.Shape().Dimensions[last]
	if byRow {
		dims[0] = v.Shape().Dimensions[0]
	}
	return graph.Reshape(v, dims...)
}
