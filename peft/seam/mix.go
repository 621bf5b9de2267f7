package seam

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// mix evaluates a site once for each set of adapters that act there and puts the results together: by weight for an
// average, by rows for a mixed batch. Branches that leave the site alone share one evaluation.
func (c *Call) mix(site Site, eval func(slots []*slot) *Node) *Node {
	groups := c.groups(site)
	if len(groups) == 1 && (groups[0].weight == nil || len(groups[0].slots) == 0) {
		return eval(groups[0].slots)
	}
	if c.rows != nil {
		y := eval(nil)
		for _, g := range groups {
			if len(g.slots) > 0 {
				own := eval(g.slots)
				y = graph.Where(spread(c.rowMask(g.rows), y, true), own, y)
			}
		}
		return y
	}
	// y = base + sum of w (branch - base): weights apply to what adapters add.
	base := eval(nil)
	y := base
	for _, g := range groups {
		if len(g.slots) > 0 {
			y = graph.Add(y, graph.Mul(g.weight, graph.Sub(eval(g.slots), base)))
		}
	}
	return y
}

// RowsDiffer reports whether rows of the batch have adapters of their own at a site. What a model asks for there must then have
// the axis [batch], also where it is the same for all rows otherwise, as a table of position biases is.
func (c *Call) RowsDiffer(path string) bool {
	groups := c.groups(c.site(path))
	return c.rows != nil && len(groups) > 1 || slices.ContainsFunc(groups[0].slots, func(s *slot) bool { return s.rows != nil })
}

// group is the branches with the same adapters at one site.
type group struct {
	slots  []*slot
	weight *Node
	rows   []int
}

func (c *Call) groups(site Site) []group {
	var out []group
	for _, b := range c.branches {
		acting := acting(b.slots, site)
		i := slices.IndexFunc(out, func(g group) bool { return slices.Equal(g.slots, acting) })
		if i < 0 {
			out = append(out, group{slots: acting, weight: b.weight, rows: []int{b.row}})
			continue
		}
		out[i].rows = append(out[i].rows, b.row)
		if b.weight != nil {
			out[i].weight = graph.Add(out[i].weight, b.weight)
		}
	}
	if len(out) == 0 {
		out = []group{{}}
	}
	return out
}

// acting keeps the slots with a hook at the site or a value in place of one of its own.
func acting(slots []*slot, site Site) []*slot {
	var out []*slot
	for _, s := range slots {
		acts := s.sites[site.Path]
		for _, name := range []string{"weight", "bias", RunningMean, RunningVar} {
			_, swapped := s.swaps[site.Path+"."+name]
			acts = acts || swapped
		}
		if acts {
			out = append(out, s)
		}
	}
	return out
}

// rowMask is true for the rows that belong to one of the branches: bool [batch].
func (c *Call) rowMask(rows []int) *Node {
	var mask *Node
	for _, r := range rows {
		is := graph.Equal(c.rows, graph.Scalar(c.g, dtypes.Int32, r))
		if mask == nil {
			mask = is
		} else {
			mask = graph.LogicalOr(mask, is)
		}
	}
	return mask
}

// spread shapes v so that it meets like: v [d…] is aligned with the last axes; with a row axis, v [batch, d…] keeps
// that one first.
func spread(v, like *Node, byRow bool) *Node {
	if v.Rank() == 0 {
		return v
	}
	dims := slices.Clone(v.Shape().Dimensions)
	shaped := make([]int, 0, like.Rank())
	if byRow {
		shaped, dims = append(shaped, dims[0]), dims[1:]
	}
	for len(shaped)+len(dims) < like.Rank() {
		shaped = append(shaped, 1)
	}
	v = graph.Reshape(v, append(shaped, dims...)...)
	if v.DType() == dtypes.Bool {
		return graph.BroadcastToDims(v, like.Shape().Dimensions...)
	}
	return v
}

// dense is x [batch, …, in] times the transpose of w [out, in], or of w [batch, out, in] row by row.
func dense(x, w *Node, byRow bool) *Node {
	last := x.Rank() - 1
	if !byRow {
		return graph.Dot(x, w).General([]int{last}, nil, []int{1}, nil)
	}
	return graph.Dot(x, w).General([]int{last}, []int{0}, []int{2}, []int{0})
}

// lookup takes the rows ids of w [count, width], or of w [batch, count, width] row by row.
func lookup(w, ids *Node, byRow bool) *Node {
	ids = graph.ConvertDType(ids, dtypes.Int32)
	if byRow {
		d := w.Shape().Dimensions
		batch := graph.Iota(w.Graph(), shapes.Make(dtypes.Int32, ids.Shape().Dimensions...), 0)
		ids = graph.Add(ids, graph.MulScalar(batch, d[1]))
		w = graph.Reshape(w, d[0]*d[1], d[2])
	}
	return graph.Gather(w, graph.InsertAxes(ids, -1))
}
