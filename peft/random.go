package peft

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft/seam"
)

// RandomState gives the first random state of a training Program, uint32 [2]: a key and the number of the step. Each
// run gives the next.
func RandomState(seed uint64) *Tensor {
	return tensors.FromValue([]uint32{uint32(seed) ^ uint32(seed>>32)*0x9e3779b9, 0})
}

// nextRandomState counts the step.
func nextRandomState(state *seam.Node) *seam.Node {
	return graph.Add(state, graph.Const(state.Graph(), []uint32{0, 1}))
}
