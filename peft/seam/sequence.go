package seam

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Sequence is the input of a stack of blocks: embeddings, and what a model needs to add positions and token types to them.
type Sequence struct {
	Embeds *Node // token embeddings [batch, sequence, hidden]
	Mask   *Node // bool [batch, sequence], true where there is a token and no padding
	Types  *Node // token types, integers [batch, sequence]; nil where the model has none
	Start  int   // what is added to every position: the first column's, where Positions is nil
	// Positions, int32 [batch, sequence], are those of the columns, less Start; nil means 0, 1, … in every row. Models read
	// them by PositionIDs.
	Positions *Node
	// Virtual counts the columns in front that stand for no token of the input: virtual tokens of adapters.
	Virtual int
}

// PositionIDs gives the positions of the columns, int32 [batch, sequence].
func (s Sequence) PositionIDs() *Node {
	if s.Positions != nil {
		return graph.AddScalar(s.Positions, s.Start)
	}
	d := s.Embeds.Shape().Dimensions
	return graph.AddScalar(graph.Iota(s.Embeds.Graph(), shapes.Make(dtypes.Int32, d[0], d[1]), 1), s.Start)
}
