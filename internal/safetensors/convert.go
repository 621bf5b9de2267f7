package safetensors

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
)

// chunk is how many values are converted at a time.
const chunk = 1 << 14

// converter turns little-endian floats of one dtype into another's. It goes
// through float64, which holds every value of the four exactly.
type converter struct {
	from, to int // bytes per value
	get      func(src []byte) float64
	put      func(dst []byte, v float64)
	// all converts many at once, for what whole models are widened from; nil means one by one.
	all func(dst, src []byte)
}

// newConverter returns false unless both dtypes are floats.
func newConverter(from, to dtypes.DType) (c converter, ok bool) {
	le := binary.LittleEndian
	switch from {
	case dtypes.Float64:
		c.get = func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	case dtypes.Float32:
		c.get = func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case dtypes.Float16:
		c.get = func(b []byte) float64 { return float16.FromBits(le.Uint16(b)).Float64() }
	case dtypes.BFloat16:
		c.get = func(b []byte) float64 { return bfloat16.FromBits(le.Uint16(b)).Float64() }
	default:
		return c, false
	}
	switch to {
	case dtypes.Float64:
		c.put = func(b []byte, v float64) { le.PutUint64(b, math.Float64bits(v)) }
	case dtypes.Float32:
		c.put = func(b []byte, v float64) { le.PutUint32(b, math.Float32bits(float32(v))) }
	case dtypes.Float16:
		c.put = func(b []byte, v float64) { le.PutUint16(b, float16Bits(float32(v))) }
	case dtypes.BFloat16:
		c.put = func(b []byte, v float64) { le.PutUint16(b, bfloat16Bits(float32(v))) }
	default:
		return c, false
	}
	if from == dtypes.BFloat16 && to == dtypes.Float32 {
		c.all = widenBFloat16
	}
	c.from, c.to = from.Size(), to.Size()
	return c, true
}

// widenBFloat16 puts the halves of float32s that bfloat16s are into their places.
func widenBFloat16(dst, src []byte) {
	le := binary.LittleEndian
	for len(src) >= 2 {
		le.PutUint32(dst, uint32(le.Uint16(src))<<16)
		dst, src = dst[4:], src[2:]
	}
}

// run fills dst with what it reads from r.
func (c converter) run(dst []byte, r io.Reader) error {
	buf := make([]byte, min(chunk, len(dst)/c.to)*c.from)
	for len(dst) > 0 {
		n := min(chunk, len(dst)/c.to)
		src := buf[:n*c.from]
		if _, err := io.ReadFull(r, src); err != nil {
			return err
		}
		if c.all != nil {
			c.all(dst, src)
		} else {
			for i := range n {
				c.put(dst[i*c.to:], c.get(src[i*c.from:]))
			}
		}
		dst = dst[n*c.to:]
	}
	return nil
}

// float16Bits rounds to IEEE 754 binary16, nearest and ties to even. (GoMLX's
// FromFloat32 rounds ties among the subnormals up.)
func float16Bits(v float32) uint16 {
	const (
		inf      = 0x7f80_0000
		tooLarge = 0x4780_0000 // 2^16
		smallest = 0x3880_0000 // 2^-14, the smallest normal binary16
		rebias   = 0x3800_0000 // the difference of the exponents' biases, 112
	)
	bits := math.Float32bits(v)
	sign, abs := uint16(bits>>16&0x8000), bits&^(1<<31)
	switch {
	case abs > inf:
		return sign | 0x7e00
	case abs >= tooLarge:
		return sign | 0x7c00
	case abs < smallest:
		// At 0.5 a float32's last bit is worth 2^-24, a binary16's smallest
		// step: the addition rounds.
		return sign | uint16(math.Float32bits(math.Float32frombits(abs)+0.5)-math.Float32bits(0.5))
	}
	abs += 0xfff + abs>>13&1 // may carry into the exponent, up to infinity
	return sign | uint16((abs-rebias)>>13)
}

// bfloat16Bits rounds to bfloat16, nearest and ties to even. (GoMLX's
// FromFloat32 makes an infinity of some NaNs.)
func bfloat16Bits(v float32) uint16 {
	bits := math.Float32bits(v)
	if v != v {
		return uint16(bits>>16) | 0x40 // quiet
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}
