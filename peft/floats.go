package peft

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
)

// floats copies a float tensor out as float32.
func floats(t *Tensor) (out []float32, err error) {
	access := t.ConstFlatData(func(flat any) {
		switch v := flat.(type) {
		case []float32:
			out = append(out, v...)
		case []float64:
			out = each(v, func(x float64) float32 { return float32(x) })
		case []bfloat16.BFloat16:
			out = each(v, bfloat16.BFloat16.Float32)
		case []float16.Float16:
			out = each(v, float16.Float16.Float32)
		default:
			err = fmt.Errorf("%w: a tensor of %s is no float", ErrTensor, t.DType())
		}
	})
	if access != nil {
		return nil, access
	}
	return out, err
}

func each[T, U any](v []T, f func(T) U) []U {
	out := make([]U, len(v))
	for i, x := range v {
		out[i] = f(x)
	}
	return out
}

// convert gives a float32 tensor in another float type.
func convert(t *Tensor, to dtypes.DType) (*Tensor, error) {
	flat, err := floats(t)
	if err != nil {
		return nil, err
	}
	shape := t.Shape().Dimensions
	switch to {
	case dtypes.Float32:
		return tensors.FromFlatDataAndDimensions(flat, shape...), nil
	case dtypes.BFloat16:
		return tensors.FromFlatDataAndDimensions(each(flat, bfloat16.FromFloat32), shape...), nil
	case dtypes.Float16:
		return tensors.FromFlatDataAndDimensions(each(flat, float16.FromFloat32), shape...), nil
	}
	return nil, fmt.Errorf("%w: values can't be held in %s", ErrUnsupported, to)
}
