package engine

import "github.com/gomlx/gomlx/core/tensors"

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
