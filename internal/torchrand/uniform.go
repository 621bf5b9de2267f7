package torchrand

import (
	"math"

	"github.com/gomlx/compute/dtypes/bfloat16"
)

// float32 draws a number in [0, 1) of 24 bits.
func (g *Generator) float32() float32 { return float32(g.Uint32()&(1<<24-1)) * 0x1p-24 }

// float64 draws a number in [0, 1) of 53 bits.
func (g *Generator) float64() float64 { return float64(g.Uint64()&(1<<53-1)) * 0x1p-53 }

// Uniform fills out with numbers in [lo, hi), as Tensor.uniform_ of a float32 tensor and, with 0 and 1, torch.rand. lo must not be
// above hi.
func (g *Generator) Uniform(out []float32, lo, hi float64) {
	from, to := float32(lo), float32(hi)
	for i := range out {
		out[i] = fma32(g.float32(), to-from, from)
		if out[i] == to {
			out[i] = from
		}
	}
}

// Uniform64 fills out with numbers in [lo, hi), as Tensor.uniform_ of a float64 tensor. lo must not be above hi.
func (g *Generator) Uniform64(out []float64, lo, hi float64) {
	for i := range out {
		out[i] = math.FMA(g.float64(), hi-lo, lo)
		if out[i] == hi {
			out[i] = lo
		}
	}
}

// UniformBFloat16 fills out with numbers in [lo, hi), as Tensor.uniform_ of a bfloat16 tensor: drawn as float32, then rounded. lo
// must not be above hi.
func (g *Generator) UniformBFloat16(out []bfloat16.BFloat16, lo, hi float64) {
	from, to := float32(lo), float32(hi)
	lowest, bound := bfloat16.FromFloat32(from), bfloat16.FromFloat32(to)
	for i := range out {
		out[i] = bfloat16.FromFloat32(fma32(g.float32(), to-from, from))
		if out[i] == bound {
			out[i] = lowest
		}
	}
}

// fma32 gives x*y+z, rounded once, to float32.
//
// The product of two float32 is exact in float64. Rounding the sum to float64 and then to float32 would round twice, so the
// sum is rounded to odd, which the second rounding can't mistake for a tie (Boldo and Melquiond 2008).
func fma32(x, y, z float32) float32 {
	product, addend := float64(x)*float64(y), float64(z)
	sum := product + addend
	part := sum - product
	rest := (product - (sum - part)) + (addend - part) // Knuth's exact error of a sum
	if rest == 0 || math.Float64bits(sum)&1 == 1 || math.IsNaN(rest) {
		return float32(sum)
	}
	return float32(math.Nextafter(sum, math.Inf(int(math.Copysign(1, rest)))))
}
