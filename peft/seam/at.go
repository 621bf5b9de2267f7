package seam

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// At is what a method's hook sees: the site it acts at, the adapter's values there, and the Call. Where the rows of a batch
// have adapters of their own (ByRow), values have a leading axis for the rows; Dense, Spread, Lookup, Convolve and Channels
// take them either way, so that a hook that computes with these is written once. Graph-building.
type At struct {
	*Call
	Site  Site // where it acts; the zero value outside of sites, see Export.Compute
	slot  *slot
	below []*slot
}

// Param gives the adapter's value of a name (Param.Name) at the site: [shape…], or [batch, shape…] when ByRow. It panics
// where the plan has none; see HasParam.
func (at *At) Param(name string) *Node { return at.param(at.Site.Path, name) }

// ParamOf gives the adapter's value of a name at another site, shaped as by Param.
func (at *At) ParamOf(site, name string) *Node { return at.param(site, name) }

// Owner gives the path of the module that the site's weight belongs to, where modules share one; see Blueprint.Owner.
func (at *At) Owner() string { return ownerOf(at.net.tied, at.Site.Path) }

// Global gives a value of the adapter that belongs to no site (Param.Site is ""), shaped as by Param.
func (at *At) Global(name string) *Node { return at.param("", name) }

// HasParam reports whether the adapter has a value of a name at the site.
func (at *At) HasParam(name string) bool {
	_, ok := at.slot.index[paramID(at.Site.Path, name)]
	return ok
}

// HasGlobal reports whether the adapter has a value of a name that belongs to no site.
func (at *At) HasGlobal(name string) bool {
	_, ok := at.slot.index[paramID("", name)]
	return ok
}

// SitesWith lists the paths of the sites where the adapter has a value of a name, in the order of its plan.
func (at *At) SitesWith(name string) []string {
	var out []string
	for _, p := range at.slot.params {
		if p.Name == name && p.Site != "" {
			out = append(out, p.Site)
		}
	}
	return out
}

// Once computes something once in a graph that several sites need, as a small network whose output they divide among
// them. The first call for a name calls build; later ones give what that made. build may use the adapter's values, and
// nothing that differs between sites.
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

// ByRow reports whether the rows of the batch have adapters of their own here, so that values have a leading axis [batch].
func (at *At) ByRow() bool { return at.slot.rows != nil }

// Base gives a frozen value of the site by its name, as "weight", in float32. Where an adapter before this one replaced it
// (Param.Replaces), it gives that one's.
func (at *At) Base(name string) *Node {
	v, byRow := at.valueIn(at.below, at.Site.Path+"."+name)
	if byRow {
		panic(fmt.Errorf("%w: %s by rows at %s", ErrUnsupported, name, at.Site.Path))
	}
	return v
}

// BaseLinear computes the site's linear map of x [batch, …, in] by its weight alone, as Base gives it, without its bias and
// without any adapter's hook: [batch, …, out].
func (at *At) BaseLinear(x *Node) *Node {
	return at.frozenLinear(at.below, at.Site.Path, x, false)
}

// BaseConv computes the site's convolution of x [batch, in, …] by its weight alone, as Base gives it, without its bias and
// without any adapter's hook: [batch, out, …].
func (at *At) BaseConv(x *Node) *Node { return at.frozenConv(at.below, at.Site, x, false) }

// BaseEmbedding looks integer ids [batch, sequence] up in the site's table, as Base gives it, without any adapter's hook:
// [batch, sequence, width].
func (at *At) BaseEmbedding(ids *Node) *Node { return at.frozenEmbedding(at.below, at.Site.Path, ids) }

// Convolve convolves x [batch, in, …] with a value w [out, in/groups, kernel…], or with each row's own when ByRow:
// [batch, out, …].
func (at *At) Convolve(v *Convolution, x, w *Node) *Node { return convolve(v, x, w, at.ByRow()) }

// Channels shapes a value [channels] so that it can be multiplied with or added to like [batch, channels, …], each row's
// own when ByRow.
func (at *At) Channels(v, like *Node) *Node { return channels(v, like, at.ByRow()) }

// Dense is the linear map x wᵀ of x [batch, …, in] by a value w [out, in], or by each row's own when ByRow: [batch, …, out].
func (at *At) Dense(x, w *Node) *Node { return dense(x, w, at.ByRow()) }

// Spread shapes a value so that it can be multiplied with or added to like [batch, …]: a value [width] meets the last axis
// of [batch, sequence, width], and each row's own when ByRow.
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

// Lookup looks ids [batch, sequence] up in a value w [count, width], or in each row's own when ByRow:
// [batch, sequence, width].
func (at *At) Lookup(w, ids *Node) *Node { return lookup(w, ids, at.ByRow()) }

// Transpose swaps the two last axes of a value, which works when ByRow as well.
func (at *At) Transpose(w *Node) *Node {
	return graph.Transpose(w, w.Rank()-2, w.Rank()-1)
}
