package seam

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// At is a Call at one site for one adapter: what a method's hooks see. Graph-building.
type At struct {
	*Call
	Site  Site
	slot  *slot
	below []*slot
}

// Param gives the adapter's value of that name at the site. It carries a leading row axis when ByRow.
func (at *At) Param(name string) *Node { return at.param(at.Site.Path, name) }

// ParamOf gives the adapter's value of that name at another site.
func (at *At) ParamOf(site, name string) *Node { return at.param(site, name) }

// Owner is the module that the site's weight belongs to; see Blueprint.Owner.
func (at *At) Owner() string { return ownerOf(at.net.tied, at.Site.Path) }

// Global gives a value of the whole adapter.
func (at *At) Global(name string) *Node { return at.param("", name) }

// HasParam reports whether the adapter keeps a value of that name at the site.
func (at *At) HasParam(name string) bool {
	_, ok := at.slot.index[paramID(at.Site.Path, name)]
	return ok
}

// HasGlobal reports whether the adapter keeps a value of that name for all of it.
func (at *At) HasGlobal(name string) bool {
	_, ok := at.slot.index[paramID("", name)]
	return ok
}

// Once gives what build makes of the adapter's values, made at the first call for a name in a graph: for what several
// sites take a part of. It may depend on nothing that differs between sites.
func (at *At) Once(name string, build func() *Node) *Node {
	n, ok := at.slot.once[name]
	if !ok {
		if n = build(); at.slot.once == nil {
			at.slot.once = map[string]*Node{}
		}
		at.slot.once[name] = n
	}
	return n
}

func (at *At) param(site, name string) *Node {
	i, ok := at.slot.index[paramID(site, name)]
	if !ok {
		panic(fmt.Errorf("method %T asks for %s of %q, which its plan does not hold", at.slot.method, name, site))
	}
	return at.slot.nodes[i]
}

// ByRow reports whether values carry a leading row axis: one adapter a row.
func (at *At) ByRow() bool { return at.slot.rows != nil }

// Base gives a frozen value of the site, as "weight", or what an adapter put in its place.
func (at *At) Base(name string) *Node {
	v, byRow := at.valueIn(at.below, at.Site.Path+"."+name)
	if byRow {
		panic(fmt.Errorf("%w: %s by rows at %s", ErrUnsupported, name, at.Site.Path))
	}
	return v
}

// BaseLinear is the site's frozen map of x without its bias and without hooks.
func (at *At) BaseLinear(x *Node) *Node {
	return at.frozenLinear(at.below, at.Site.Path, x, false)
}

// BaseConv is the site's frozen convolution of x without its bias and without hooks.
func (at *At) BaseConv(x *Node) *Node { return at.frozenConv(at.below, at.Site, x, false) }

// Convolve convolves x [batch, in, …] with a value w [out, in/groups, kernel…], by rows where values are.
func (at *At) Convolve(v *Convolution, x, w *Node) *Node { return convolve(v, x, w, at.ByRow()) }

// Channels shapes a value [channels] so that it can be multiplied with or added to like [batch, channels, …].
func (at *At) Channels(v, like *Node) *Node { return channels(v, like, at.ByRow()) }

// Dense is x [batch, …, in] times the transpose of a value w [out, in], by rows where values are.
func (at *At) Dense(x, w *Node) *Node { return dense(x, w, at.ByRow()) }

// Spread shapes a value so that it can be multiplied with or added to like: its axes meet the last ones, the row axis
// (where there is one) the first.
func (at *At) Spread(v, like *Node) *Node {
	if at.ByRow() && v.Rank() == 1 { // a scalar for each row
		dims := make([]int, like.Rank())
		for i := range dims {
			dims[i] = 1
		}
		dims[0] = v.Shape().Dimensions[0]
		return graph.Reshape(v, dims...)
	}
	return spread(v, like, at.ByRow())
}

// Lookup takes the rows ids of a value w [count, width], by rows where values are.
func (at *At) Lookup(w, ids *Node) *Node { return lookup(w, ids, at.ByRow()) }

// Transpose swaps the two last axes of a value.
func (at *At) Transpose(w *Node) *Node {
	return graph.Transpose(w, w.Rank()-2, w.Rank()-1)
}
