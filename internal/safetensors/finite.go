package safetensors

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
)

// NotFinite looks for a value of a tensor that is NaN or infinite, or of F64 so
// large that it is infinite as F32. It gives the first one's place, counted row
// by row, and the value; the place is -1 if there is none, as in a tensor that
// isn't of floats. The values are looked at where they lie.
func NotFinite(t *tensors.Tensor) (at int, value float64, err error) {
	at = -1
	if s, ok := finiteScan(t.DType()); ok {
		err = t.ConstBytes(func(data []byte) { at, value = s.first(data) })
	}
	return at, value, err
}

// NotFinite is the function of that name for a tensor of the file, which is read
// in pieces and never held as a whole.
func (f *File) NotFinite(name string) (at int, value float64, err error) {
	_, err = use(f, name, func(p place) (none struct{}, err error) {
		at, value, err = p.notFinite()
		return none, err
	})
	if err != nil {
		at = -1
	}
	return at, value, err
}

func (p place) notFinite() (at int, value float64, err error) {
	s, ok := finiteScan(p.DType)
	if !ok {
		return -1, 0, nil
	}
	r, done := p.section(), 0
	buf := make([]byte, min(int64(chunk*s.size), p.end-p.begin))
	for left := p.end - p.begin; left > 0; left -= int64(len(buf)) {
		buf = buf[:min(int64(len(buf)), left)]
		if _, err := io.ReadFull(r, buf); err != nil {
			return -1, 0, readError(p.src.path, p.Name, err)
		}
		if at, value = s.first(buf); at >= 0 {
			return done + at, value, nil
		}
		done += len(buf) / s.size
	}
	return -1, 0, nil
}

// finite finds what is not finite among little-endian floats of one dtype.
type finite struct {
	size  int                   // bytes per value
	find  func(data []byte) int // the first one's first byte, or -1
	value func(value []byte) float64
}

// first gives the place of the first value that is not finite, and it, or -1.
func (s finite) first(data []byte) (at int, value float64) {
	i := s.find(data)
	if i < 0 {
		return -1, 0
	}
	return i / s.size, s.value(data[i:])
}

// finiteScan returns false unless the dtype is one of floats that can be read.
// A float is not finite where all bits of its exponent are set.
func finiteScan(dtype dtypes.DType) (finite, bool) {
	le := binary.LittleEndian
	switch dtype {
	case dtypes.Float64:
		get := func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
		return finite{8, func(data []byte) int {
			for i := 0; i+8 <= len(data); i += 8 {
				if v := float32(get(data[i:])); v-v != 0 {
					return i
				}
			}
			return -1
		}, get}, true
	case dtypes.Float32:
		find := lanes(4, 0x7f80_0000_7f80_0000, 0x0000_0001_0000_0001)
		return finite{4, find, func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }}, true
	case dtypes.Float16:
		find := lanes(2, 0x7c00_7c00_7c00_7c00, 0x0001_0001_0001_0001)
		return finite{2, find, func(b []byte) float64 { return float16.FromBits(le.Uint16(b)).Float64() }}, true
	case dtypes.BFloat16:
		find := lanes(2, 0x7f80_7f80_7f80_7f80, 0x0001_0001_0001_0001)
		return finite{2, find, func(b []byte) float64 { return bfloat16.FromBits(le.Uint16(b)).Float64() }}, true
	}
	return finite{}, false
}

// lanes finds floats of size bytes by the bits of their exponent, eight bytes at once. Both words hold a pattern for each
// float: the exponent's bits, and its lowest bit.
func lanes(size int, exponents, lowest uint64) func(data []byte) int {
	highest := lowest << (8*size - 1)
	return func(data []byte) int {
		i := 0
		for ; i+8 <= len(data); i += 8 {
			finite := ^binary.LittleEndian.Uint64(data[i:]) & exponents // 0 in the lane of a float that is not
			if (finite-lowest)&^finite&highest != 0 {                   // a lane is 0
				break
			}
		}
		for ; i+size <= len(data); i += size { // in those eight bytes, or in what is left
			word := uint64(0)
			for k := range size {
				word |= uint64(data[i+k]) << (8 * k)
			}
			if exponent := exponents & (1<<(8*size) - 1); word&exponent == exponent {
				return i
			}
		}
		return -1
	}
}
