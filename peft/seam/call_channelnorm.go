package seam

import "github.com/gomlx/gomlx/core/graph"

// ChannelNorm asks for the normalisation at a site that treats each channel of x [batch, channels, …] by itself, over all its
// positions: group normalisation (Wu and He 2018, arXiv:1803.08494) with a group for each channel.
func (c *Call) ChannelNorm(path string, x *Node, eps float64) *Node {
	positions := make([]int, x.Rank()-2)
	for i := range positions {
		positions[i] = 2 + i
	}
	return c.mix(c.site(path), func(slots []*slot) *Node {
		centred := graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, positions...))
		variance := graph.ReduceAndKeep(graph.Square(centred), graph.ReduceMean, positions...)
		y := graph.Mul(centred, graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, eps))))
		w, byRow := c.valueIn(slots, path+".weight")
		y = graph.Mul(y, channels(w, y, byRow))
		b, byRow := c.valueIn(slots, path+".bias")
		return graph.Add(y, channels(b, y, byRow))
	})
}
