package safetensors

import (
	"fmt"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
)

// Transpose copies a matrix of F32, F16 or BF16 with its axes swapped. Other dtypes and ranks give [ErrDType].
func Transpose(t *tensors.Tensor) (*tensors.Tensor, error) {
	d := t.Shape().Dimensions
	if len(d) != 2 {
		return nil, fmt.Errorf("safetensors: %w: a tensor of shape %v has no two axes to swap", ErrDType, d)
	}
	var out *tensors.Tensor
	err := t.ConstFlatData(func(flat any) {
		switch src := flat.(type) {
		case []float32:
			out = tensors.FromFlatDataAndDimensions(transposed(src, d[0], d[1]), d[1], d[0])
		case []float16.Float16:
			out = tensors.FromFlatDataAndDimensions(transposed(src, d[0], d[1]), d[1], d[0])
		case []bfloat16.BFloat16:
			out = tensors.FromFlatDataAndDimensions(transposed(src, d[0], d[1]), d[1], d[0])
		}
	})
	if err == nil && out == nil {
		err = fmt.Errorf("safetensors: %w: %s can't be transposed", ErrDType, t.DType())
	}
	return out, err
}

// transposed goes by square tiles, which stay in the cache both ways.
func transposed[T any](src []T, rows, cols int) []T {
	const tile = 32
	out := make([]T, len(src))
	for top := 0; top < rows; top += tile {
		for left := 0; left < cols; left += tile {
			for i := top; i < min(top+tile, rows); i++ {
				for j := left; j < min(left+tile, cols); j++ {
					out[j*rows+i] = src[i*cols+j]
				}
			}
		}
	}
	return out
}
