package seam

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
)

// Names of the values that a batch norm has beside its weight and bias: its running statistics [width], and a scalar int64
// that counts the batches they were made of and is read by nothing.
const (
	RunningMean    = "running_mean"
	RunningVar     = "running_var"
	BatchesTracked = "num_batches_tracked"
)

// BatchNorm asks for the batch normalisation at a site (Ioffe and Szegedy 2015, arXiv:1502.03167): x [batch, channels, …] is
// normalised by the running statistics, then scaled and shifted by the weight and bias. While an adapter is trained that was
// attached with peft.TrainStatistics, the statistics are those of the batch, as in torch's training mode.
func (c *Call) BatchNorm(path string, x *Node, eps float64) *Node {
	return c.mix(c.site(path), func(slots []*slot) *Node {
		value := func(name string) *Node {
			v, byRow := c.valueIn(slots, path+"."+name)
			return channels(v, x, byRow)
		}
		var mean, variance *Node
		if s := c.follower(slots, path); s != nil {
			mean, variance = s.follow(path, x)
		} else {
			mean, variance = value(RunningMean), value(RunningVar)
		}
		scale := graph.Mul(value("weight"), graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, eps))))
		return graph.Add(graph.Mul(graph.Sub(x, mean), scale), value("bias"))
	})
}

// follower is the slot whose statistics follow training at a site, nil where none's do.
func (c *Call) follower(slots []*slot, path string) *slot {
	for i := len(slots) - 1; i >= 0 && c.training; i-- {
		if p, ok := slots[i].swaps[path+"."+RunningMean]; ok && slots[i].params[p].Moving {
			return slots[i]
		}
	}
	return nil
}

// follow gives the mean and the variance of a batch, [1, channels, 1…], and moves the running ones. The running variance
// is that of what the batch is drawn from, as torch has it.
func (s *slot) follow(path string, x *Node) (mean, variance *Node) {
	n := x.Shape().Size() / x.Shape().Dimensions[1]
	if n < 2 {
		panic(fmt.Errorf("%w: %s has one value a channel, too few to train its statistics on", ErrInput, path))
	}
	axes := []int{0}
	for axis := 2; axis < x.Rank(); axis++ {
		axes = append(axes, axis)
	}
	average := func(v *Node) *Node { return graph.ReduceMean(v, axes...) }
	m := average(x)
	mean = channels(m, x, false)
	v := average(graph.Square(graph.Sub(x, mean)))
	s.move(path+"."+RunningMean, m)
	s.move(path+"."+RunningVar, graph.MulScalar(v, float64(n)/float64(n-1)))
	return mean, channels(v, x, false)
}
