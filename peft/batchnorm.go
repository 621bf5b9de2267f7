package peft

import (
	"strings"

	"github.com/gomlx/gomlx/core/graph"
)

// Names of what a batch norm keeps beside its weight and bias: its running statistics [width], and an int64 that only
// counts the batches.
const (
	RunningMean    = "running_mean"
	RunningVar     = "running_var"
	BatchesTracked = "num_batches_tracked"
)

// BatchNorm is batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167) of x [batch, channels, …] by the site's
// running statistics, with its weight and bias.
func (c *Call) BatchNorm(path string, x *Node, eps float64) *Node {
	return c.mix(c.site(path), func(slots []*slot) *Node {
		value := func(name string) *Node {
			v, byRow := c.valueIn(slots, path+"."+name)
			return channels(v, x, byRow)
		}
		scale := graph.Mul(value("weight"), graph.Reciprocal(graph.Sqrt(graph.AddScalar(value(RunningVar), eps))))
		return graph.Add(graph.Mul(graph.Sub(x, value(RunningMean)), scale), value("bias"))
	})
}

// isStatistic reports whether a frozen value is a batch norm's running statistic or its count, no parameter.
func (b *Backbone) isStatistic(path string) bool {
	i := strings.LastIndex(path, ".")
	return i > 0 && b.sites[path[:i]].Running && isStatistic(path[i+1:])
}

func isStatistic(name string) bool {
	return name == RunningMean || name == RunningVar || name == BatchesTracked
}
