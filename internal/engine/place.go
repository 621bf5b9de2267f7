package engine

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Empty makes a tensor of zeros to be filled in. Where the engine computes from memory that the host can write to, as on
// a CPU, it lies there already; else Place brings it to the engine.
func (e *Engine) Empty(shape shapes.Shape) (*tensors.Tensor, error) {
	return tensors.FromShapeForBackend(e.backend, 0, shape)
}

// Place moves a tensor to the engine's memory and drops its copy on the host. Loading places each tensor as it is
// read, so that a model never stands in memory twice. Reading a placed tensor later copies it back where the memories
// differ.
func (e *Engine) Place(t *tensors.Tensor) error {
	if err := t.MaterializeOnDevice(e.backend, true, 0); err != nil {
		return err
	}
	if !t.IsShared() {
		t.FinalizeLocal()
	}
	return nil
}
