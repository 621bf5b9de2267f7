package vit

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Info implements seam.Model.
func (n *network) Info() seam.Info { return n.info }

// Forward implements seam.Model.
func (n *network) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	x := n.embed(c, in["pixel_values"])
	d := x.Shape().Dimensions
	mask := graph.BroadcastToDims(graph.Const(c.Graph(), true), d[0], d[1])
	x = n.blocks.Forward(c, x, mask)
	return n.head.Outputs(c, in, c.Norm(n.norm(), x, n.blocks.Eps), mask)
}

// embed is a token for the class and one for each patch, with their positions: [batch, 1+patches, hidden].
func (n *network) embed(c *seam.Call, pixels *seam.Node) *seam.Node {
	x := c.Conv(n.at+projection, graph.ConvertDType(pixels, dtypes.Float32))
	x = graph.TransposeAllAxes(graph.Reshape(x, x.Shape().Dimensions[0], n.info.Hidden, -1), 0, 2, 1)
	class := graph.BroadcastToDims(c.Value(n.at+classToken), x.Shape().Dimensions[0], 1, n.info.Hidden)
	x = graph.Concatenate([]*seam.Node{class, x}, 1)
	at := graph.BroadcastToShape(c.Value(n.at+positionValues), x.Shape())
	return c.Dropout(graph.Add(x, at), n.dropout)
}

// Check implements seam.Model.
func (n *network) Check(in seam.Tensors, virtual int) error {
	arguments := []string{"pixel_values"}
	if n.info.Head != arch.Encoder {
		arguments = append(arguments, "labels")
	}
	if err := arch.Known(in, arguments...); err != nil {
		return err
	}
	if virtual > 0 {
		return &seam.UnsupportedError{Option: "virtual tokens before an image's patches"}
	}
	batch, err := arch.Pixels(in, n.channels, n.image.height, n.image.width)
	if err != nil {
		return err
	}
	return arch.CheckClasses(in, len(n.info.Classes), n.problem, batch)
}
