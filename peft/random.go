package peft

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft/seam"
)

// RandomState gives the random state for the first run of a [Program] whose Training is set; each run gives the one
// for the next. It is a uint32 [2], made of the seed and the number of the run: equal states give equal dropout.
func RandomState(seed uint64) *Tensor {
	return tensors.FromValue([]uint32{uint32(seed) ^ uint32(seed>>32)*0x9e3779b9, 0})
}

// nextRandomState counts the run.
func nextRandomState(state *seam.Node) *seam.Node {
	return graph.Add(state, graph.Const(state.Graph(), []uint32{0, 1}))
}
