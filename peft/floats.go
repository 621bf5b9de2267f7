package peft

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// floats copies a float tensor out as float32.
func floats(t *Tensor) ([]float32, error) {
	if t.DType() != dtypes.Float32 {
		wide, err := safetensors.Convert(t, dtypes.Float32)
		if err != nil {
			return nil, err
		}
		t = wide
	}
	return tensors.CopyFlatData[float32](t)
}
