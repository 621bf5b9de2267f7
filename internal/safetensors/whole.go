package safetensors

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// ConvertWhole copies a tensor of whole numbers into another type of whole numbers. A number that the type does not hold is an
// error, which matches ErrDType.
func ConvertWhole(t *tensors.Tensor, to dtypes.DType) (*tensors.Tensor, error) {
	wide, err := whole(t)
	if err != nil {
		return nil, err
	}
	dims := t.Shape().Dimensions
	switch to {
	case dtypes.Int64:
		return tensors.FromFlatDataAndDimensions(wide, dims...), nil
	case dtypes.Int32:
		return narrowed[int32](wide, dims, math.MinInt32, math.MaxInt32)
	case dtypes.Int16:
		return narrowed[int16](wide, dims, math.MinInt16, math.MaxInt16)
	case dtypes.Uint8:
		return narrowed[uint8](wide, dims, 0, math.MaxUint8)
	}
	return nil, fmt.Errorf("safetensors: %w: whole numbers in %s", ErrDType, to)
}

func whole(t *tensors.Tensor) ([]int64, error) {
	switch t.DType() {
	case dtypes.Int64:
		return tensors.CopyFlatData[int64](t)
	case dtypes.Int32:
		return widened[int32](t)
	case dtypes.Int16:
		return widened[int16](t)
	case dtypes.Int8:
		return widened[int8](t)
	case dtypes.Uint8:
		return widened[uint8](t)
	}
	return nil, fmt.Errorf("safetensors: %w: %s is no type of whole numbers", ErrDType, t.DType())
}

func widened[T int32 | int16 | int8 | uint8](t *tensors.Tensor) ([]int64, error) {
	flat, err := tensors.CopyFlatData[T](t)
	out := make([]int64, len(flat))
	for i, v := range flat {
		out[i] = int64(v)
	}
	return out, err
}

func narrowed[T int32 | int16 | uint8](v []int64, dims []int, least, most int64) (*tensors.Tensor, error) {
	out := make([]T, len(v))
	for i, x := range v {
		if x < least || x > most {
			return nil, fmt.Errorf("safetensors: %w: number %d is %d, which does not fit", ErrDType, i, x)
		}
		out[i] = T(x)
	}
	return tensors.FromFlatDataAndDimensions(out, dims...), nil
}
