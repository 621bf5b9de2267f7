package seam

import (
	"fmt"
	"unsafe"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// First values are handed on as float32. Whole numbers stand among them as words of the same size, which are only ever copied.

// ints gives the words of a value as whole numbers, in the same memory.
func ints(words []float32) []int32 {
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(words))), len(words))
}

// words is the reverse of ints.
func words(v []int32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}

// FromFile reads a value as it stands in a file: in float32, or as whole numbers where it is of them. The words are what
// FirstValues takes.
func (p *Param) FromFile(t *Tensor) ([]float32, error) {
	if !p.IsWhole() {
		return safetensors.Floats(t)
	}
	wide, err := Whole(t)
	if err != nil {
		return nil, err
	}
	own, err := tensors.CopyFlatData[int32](wide)
	return words(own), err
}

// ToFile gives a value as it is written to a file.
func (p *Param) ToFile(t *Tensor) (*Tensor, error) {
	if !p.IsWhole() || t.DType() != dtypes.Int32 || p.DType == dtypes.Int32 {
		return t, nil
	}
	return safetensors.ConvertWhole(t, p.DType)
}

// Whole gives a tensor of whole numbers of any type in int32. A number that int32 does not hold, and a tensor of other
// numbers, is an error.
func Whole(t *Tensor) (*Tensor, error) {
	if t.DType() == dtypes.Int32 {
		return t, nil
	}
	if !t.DType().IsInt() {
		return nil, fmt.Errorf("holds %s, want whole numbers", t.DType())
	}
	return safetensors.ConvertWhole(t, dtypes.Int32)
}

// Tensor makes a tensor of words that FirstValues gave.
func (p *Param) Tensor(flat []float32) *Tensor {
	if p.IsWhole() {
		return tensors.FromFlatDataAndDimensions(ints(flat), p.Shape...)
	}
	return tensors.FromFlatDataAndDimensions(flat, p.Shape...)
}
