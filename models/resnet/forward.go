package resnet

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors/images"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// epsilon is that of torch's batch norm, which no config changes.
const epsilon = 1e-5

// Info implements seam.Model.
func (n *network) Info() seam.Info { return n.info }

// Check implements seam.Model.
func (n *network) Check(in seam.Tensors, virtual int) error {
	arguments := []string{"pixel_values"}
	if n.head != nil {
		arguments = append(arguments, "labels")
	}
	if err := arch.Known(in, arguments...); err != nil {
		return err
	}
	if virtual > 0 {
		return &seam.UnsupportedError{Option: "virtual tokens in a convolutional network"}
	}
	batch, err := arch.Pixels(in, n.channels, 0, 0)
	if err != nil {
		return err
	}
	return arch.CheckClasses(in, len(n.info.Classes), n.problem, batch)
}

// Forward implements seam.Model.
func (n *network) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	first := n.embedder()
	x := first.forward(c, graph.ConvertDType(in["pixel_values"], dtypes.Float32))
	x = graph.MaxPool(x).ChannelsAxis(images.ChannelsFirst).Window(3).Strides(2).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done()
	for _, l := range n.layers() {
		residual := x
		for _, u := range l.units {
			x = u.forward(c, x)
		}
		if l.shortcut != nil {
			residual = l.shortcut.forward(c, residual)
		}
		x = n.activation(graph.Add(x, residual))
	}
	pooled := graph.ReduceMean(x, 2, 3)
	if n.head != nil {
		return n.head.Outputs(c, in, graph.InsertAxes(pooled, 1), nil)
	}
	return seam.Nodes{"last_hidden_state": x, "pooler_output": graph.InsertAxes(pooled, -1, -1)}
}

func (u *unit) forward(c *seam.Call, x *seam.Node) *seam.Node {
	x = c.BatchNorm(u.normalization(), c.Conv(u.convolution(), x), epsilon)
	if u.activation == nil {
		return x
	}
	return u.activation(x)
}
