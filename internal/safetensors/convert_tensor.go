package safetensors

import (
	"bytes"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Convert copies a float tensor into another float dtype, rounding as
// [File.TensorAs] does. Other dtypes give [ErrDType].
func Convert(t *tensors.Tensor, to dtypes.DType) (*tensors.Tensor, error) {
	c, ok := newConverter(t.DType(), to)
	if !ok {
		return nil, fmt.Errorf("safetensors: %w: %s can't be turned into %s", ErrDType, t.DType(), to)
	}
	out := tensors.FromShape(shapes.Make(to, t.Shape().Dimensions...))
	var err error
	access := t.ConstBytes(func(src []byte) {
		var ran error
		err = out.MutableBytes(func(dst []byte) { ran = c.run(dst, bytes.NewReader(src)) })
		if err == nil {
			err = ran
		}
	})
	if access != nil {
		return nil, access
	}
	return out, err
}
