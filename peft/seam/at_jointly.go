package seam

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Jointly computes something small of the adapter's values of a name for many sites in one go, and gives what belongs to this
// one: the inverses of small matrices at twelve sites are as many nodes of a graph as those at one. each shapes the value of a
// site as [count, …]. Those that agree in all but count are put together for all, which gives as many as it is given. purpose
// tells apart what is computed of one name.
func (at *At) Jointly(name, purpose string, each, all func(*Node) *Node) *Node {
	part := func(site string) *Node {
		return at.Once("part\x00"+name+"\x00"+purpose+"\x00"+site, func() *Node { return each(at.ParamOf(site, name)) })
	}
	own := part(at.Site.Path)
	kind := own.Shape().Dimensions[1:]
	var parts []*Node
	first, count := 0, 0
	for _, site := range at.SitesWith(name) {
		p := part(site)
		if !slices.Equal(p.Shape().Dimensions[1:], kind) {
			continue
		}
		if site == at.Site.Path {
			first = count
		}
		parts, count = append(parts, p), count+p.Shape().Dimensions[0]
	}
	whole := at.Once(fmt.Sprintf("whole\x00%s\x00%s\x00%v", name, purpose, kind), func() *Node {
		if len(parts) == 1 {
			return all(parts[0])
		}
		return all(graph.Concatenate(parts, 0))
	})
	if len(parts) == 1 {
		return whole
	}
	return graph.SliceAxis(whole, 0, graph.AxisRange(first, first+own.Shape().Dimensions[0]))
}

// Chosen draws which k of n things a step of training picks, each as likely as another: bool [n]. As Bits, it is for training
// only.
func (c *Call) Chosen(k, n int) *Node {
	u := c.Uniform(n)
	smaller := graph.LessThan(graph.InsertAxes(u, 0), graph.InsertAxes(u, 1)) // [n, n]: how many stand before each
	rank := graph.ReduceSum(graph.ConvertDType(smaller, u.DType()), 1)
	return graph.LessThan(rank, graph.Scalar(c.g, u.DType(), float64(k)))
}
