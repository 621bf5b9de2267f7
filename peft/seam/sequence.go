package seam

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Sequence is the input of a stack of blocks.
type Sequence struct {
	Embeds *Node // [batch, sequence, hidden], token embeddings only
	Mask   *Node // [batch, sequence], true where there is a token
	Types  *Node // token types [batch, sequence], nil where the family has none
	Start  int   // position of the first column, added to Positions where these are given
	// Positions of the columns, int32 [batch, sequence]; nil means Start, Start+1, … in every row. See PositionIDs.
	Positions *Node
	// Virtual counts the leading columns that stand for no token of the input.
	Virtual int
}

// PositionIDs gives the columns' positions, int32 [batch, sequence].
func (s Sequence) PositionIDs() *Node {
	if s.Positions != nil {
		return graph.AddScalar(s.Positions, s.Start)
	}
	d := s.Embeds.Shape().Dimensions
	return graph.AddScalar(graph.Iota(s.Embeds.Graph(), shapes.Make(dtypes.Int32, d[0], d[1]), 1), s.Start)
}
