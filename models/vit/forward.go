package vit

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Info implements peft.Model.
func (n *network) Info() peft.Info { return n.info }

// Forward implements peft.Model.
func (n *network) Forward(c *peft.Call, in peft.Nodes) peft.Nodes {
	x := n.embed(c, in["pixel_values"])
	d := x.Shape().Dimensions
	mask := graph.BroadcastToDims(graph.Const(c.Graph(), true), d[0], d[1])
	x = n.blocks.Forward(c, x, mask)
	return n.head.Outputs(c, in, c.Norm(n.norm(), x, n.blocks.Eps), mask)
}

// embed is a token for the class and one for each patch, with their positions: [batch, 1+patches, hidden].
func (n *network) embed(c *peft.Call, pixels *peft.Node) *peft.Node {
	x := c.Conv(n.at+projection, graph.ConvertDType(pixels, dtypes.Float32))
	x = graph.TransposeAllAxes(graph.Reshape(x, x.Shape().Dimensions[0], n.info.Hidden, -1), 0, 2, 1)
	class := graph.BroadcastToDims(c.Value(n.at+classToken), x.Shape().Dimensions[0], 1, n.info.Hidden)
	x = graph.Concatenate([]*peft.Node{class, x}, 1)
	at := graph.BroadcastToShape(c.Value(n.at+positionValues), x.Shape())
	return c.Dropout(graph.Add(x, at), n.dropout)
}

// Check implements peft.Model.
func (n *network) Check(in peft.Tensors, virtual int) error {
	arguments := []string{"pixel_values"}
	if n.info.Task != arch.Encoder {
		arguments = append(arguments, "labels")
	}
	if err := arch.Known(in, arguments...); err != nil {
		return err
	}
	if virtual > 0 {
		return &peft.UnsupportedError{Option: "virtual tokens before an image's patches"}
	}
	batch, err := arch.Pixels(in, n.channels, n.image.height, n.image.width)
	if err != nil {
		return err
	}
	return arch.CheckClasses(in, len(n.info.Labels), n.problem, batch)
}
