package models

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// deviation is transformers' initializer_range, that of new weights.
const deviation = 0.02

// most is the number of elements beyond which no value is drawn: 256 GiB in float32.
const most = 1 << 36

// draw makes a value that is in no file: a norm's weight 1 (or 0, where it is kept less 1), biases 0, what has a start that,
// all else normal around 0.
func draw(v arch.Value, seed uint64, dtype dtypes.DType) (*peft.Tensor, error) {
	if v.Count {
		return tensors.FromScalar(int64(0)), nil
	}
	n := size(v.Shape)
	if n > most {
		return nil, fmt.Errorf("%w: %s of shape %v is too large to be drawn", arch.ErrConfig, v.Path, v.Shape)
	}
	flat := make([]float32, n)
	switch {
	case v.Ones || v.Start != 0:
		for i := range flat {
			flat[i] = cmp.Or(v.Start, 1)
		}
	case !v.Zeros && !strings.HasSuffix(v.Path, ".bias"):
		rnd := seeded.Rand(seed, v.Path)
		for i := range flat {
			flat[i] = float32(rnd.NormFloat64() * deviation)
		}
	}
	t := tensors.FromFlatDataAndDimensions(flat, v.Shape...)
	if dtype == dtypes.Float32 || dtype == asStored {
		return t, nil
	}
	return safetensors.Convert(t, dtype)
}
