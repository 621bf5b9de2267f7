package torchrand

import "gonum.org/v1/gonum/mathext/prng"

// Generator is torch's random number generator on the CPU: the Mersenne Twister MT19937 of Matsumoto and Nishimura 1998. Make
// one with [NewGenerator]; the zero value is not usable.
type Generator struct {
	twister *prng.MT19937
	spare   float64 // the second number of a pair of normal ones, if held
	held    bool
}

// NewGenerator gives the generator of torch.Generator().manual_seed(seed). As in torch, only the lower 32 bits of the seed
// matter.
func NewGenerator(seed int64) *Generator {
	twister := prng.NewMT19937()
	twister.Seed(uint64(seed))
	return &Generator{twister: twister}
}

// Uint32 draws 32 random bits.
func (g *Generator) Uint32() uint32 { return g.twister.Uint32() }

// Uint64 draws 64 random bits: two draws of 32, the upper half first.
func (g *Generator) Uint64() uint64 { return g.twister.Uint64() }

// Integers fills out with whole numbers in [lo, hi), as torch.randint. hi must be above lo.
func (g *Generator) Integers(out []int64, lo, hi int64) {
	span := uint64(hi) - uint64(lo)
	for i := range out {
		var drawn uint64
		if span < 1<<28 {
			drawn = uint64(g.Uint32())
		} else {
			drawn = g.Uint64()
		}
		out[i] = lo + int64(drawn%span)
	}
}

// Bernoulli fills out with 1 where a uniform number is below p[i], and else 0, as torch.bernoulli of a float32 tensor p does.
// The slices have one length. (Tensor.bernoulli_ of a single probability draws otherwise in torch.)
func (g *Generator) Bernoulli(out, p []float32) {
	for i := range out {
		out[i] = 0
		if g.float32() < p[i] {
			out[i] = 1
		}
	}
}
