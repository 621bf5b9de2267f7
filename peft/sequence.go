package peft

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// PositionIDs gives the columns' positions, int32 [batch, sequence].
func (s Sequence) PositionIDs() *Node {
	if s.Positions != nil {
		return graph.AddScalar(s.Positions, s.Start)
	}
	d := s.Embeds.Shape().Dimensions
	return graph.AddScalar(graph.Iota(s.Embeds.Graph(), shapes.Make(dtypes.Int32, d[0], d[1]), 1), s.Start)
}
