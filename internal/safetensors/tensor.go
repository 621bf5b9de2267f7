package safetensors

import (
	"fmt"
	"io"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// Tensor reads a tensor in its stored dtype and shape. It is a copy in local
// (host) memory and stays valid after [File.Close]. An unknown name gives
// [ErrNotFound] and lists the nearest ones.
func (f *File) Tensor(name string) (*tensors.Tensor, error) {
	return use(f, name, place.tensor)
}

// TensorAs reads a tensor and converts it to another float dtype: F64, F32, F16
// or BF16. Widening is exact. Narrowing rounds to nearest, ties to even, and to
// infinity what is too large; F64 becomes a 16-bit float by way of F32, as in
// torch. The values are converted as they are read, without a copy of the whole
// in the stored dtype.
//
// Asking for the stored dtype is [File.Tensor]; any other conversion that isn't
// from float to float gives [ErrDType].
func (f *File) TensorAs(name string, dtype dtypes.DType) (*tensors.Tensor, error) {
	return use(f, name, func(p place) (*tensors.Tensor, error) { return p.as(dtype) })
}

// ReadInto is [File.TensorAs] for a tensor t that is there already, of the same
// shape: its memory is read into, so that where an engine computes from that
// memory nothing is held twice. A t of another shape gives [ErrDType].
func (f *File) ReadInto(name string, t *tensors.Tensor) error {
	_, err := use(f, name, func(p place) (*tensors.Tensor, error) {
		if !slices.Equal(t.Shape().Dimensions, p.Shape) {
			return nil, fmt.Errorf("safetensors: %s: %w: shape %v can't be read into %s", label(p.src.path, name), ErrDType, p.Shape, t.Shape())
		}
		read, err := p.reading(t.DType())
		if err != nil {
			return nil, err
		}
		return t, p.fill(t, read)
	})
	return err
}

// Bytes returns a tensor's bytes as stored: little-endian, the last axis
// contiguous. For a file in memory or mapped they are a view that must not be
// changed, nor used after [File.Close]; writing to a mapped one kills the
// process. From a reader they are a fresh copy.
func (f *File) Bytes(name string) ([]byte, error) {
	return use(f, name, func(p place) ([]byte, error) {
		begin, end := p.src.data+p.begin, p.src.data+p.end
		if p.src.mem != nil {
			return p.src.mem[begin:end:end], nil
		}
		data := make([]byte, end-begin)
		if _, err := io.ReadFull(p.section(), data); err != nil {
			return nil, readError(p.src.path, name, err)
		}
		return data, nil
	})
}

// section returns a reader of the tensor's bytes.
func (p place) section() io.Reader {
	return io.NewSectionReader(p.src.r, p.src.data+p.begin, p.end-p.begin)
}

// tensor reads the tensor in its stored dtype.
func (p place) tensor() (*tensors.Tensor, error) { return p.as(p.DType) }

// as reads the tensor in a dtype.
func (p place) as(dtype dtypes.DType) (*tensors.Tensor, error) {
	read, err := p.reading(dtype)
	if err != nil {
		return nil, err
	}
	t := tensors.FromShape(shapes.Make(dtype, p.Shape...))
	if err := p.fill(t, read); err != nil {
		return nil, err
	}
	return t, nil
}

// reading gives what reads the tensor's bytes in a dtype.
func (p place) reading(dtype dtypes.DType) (func(dst []byte, r io.Reader) error, error) {
	if dtype == p.DType {
		return p.copy, nil
	}
	c, ok := newConverter(p.DType, dtype)
	if !ok {
		return nil, fmt.Errorf("safetensors: %s: %w: %s can't be read as %s", label(p.src.path, p.Name), ErrDType, p.DType, dtype)
	}
	return c.run, nil
}

// fill has the bytes of t read.
func (p place) fill(t *tensors.Tensor, read func(dst []byte, r io.Reader) error) error {
	var readErr error
	err := t.MutableBytes(func(dst []byte) { readErr = read(dst, p.section()) })
	switch {
	case err != nil:
		return fmt.Errorf("safetensors: %s: %w", label(p.src.path, p.Name), err)
	case readErr != nil:
		return readError(p.src.path, p.Name, readErr)
	}
	return nil
}

// copy reads the bytes as they are.
func (p place) copy(dst []byte, r io.Reader) error {
	if _, err := io.ReadFull(r, dst); err != nil {
		return err
	}
	if p.DType != dtypes.Bool {
		return nil
	}
	// A Go bool of another value than 0 and 1 behaves in no defined way.
	if i := slices.IndexFunc(dst, func(b byte) bool { return b > 1 }); i >= 0 {
		return &FormatError{Path: p.src.path, Tensor: p.Name, Reason: fmt.Sprintf("value %d is %d, not a BOOL", i, dst[i])}
	}
	return nil
}
