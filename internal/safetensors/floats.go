package safetensors

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Floats copies a float tensor out as float32, row by row.
func Floats(t *tensors.Tensor) ([]float32, error) {
	if t.DType() != dtypes.Float32 {
		wide, err := Convert(t, dtypes.Float32)
		if err != nil {
			return nil, err
		}
		t = wide
	}
	return tensors.CopyFlatData[float32](t)
}
