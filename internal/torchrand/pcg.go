package torchrand

import (
	"math"
	"math/bits"
)

// source is a source of random bits. numpy's bounded numbers are drawn in the same ways from every source.
type source interface {
	Uint32() uint32
	Uint64() uint64
}

// pcg64 is PCG XSL RR 128/64 of O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for
// Random Number Generation".
type pcg64 struct {
	high, low       uint64 // the state
	addHigh, addLow uint64 // the increment
	half            uint32 // upper half of the last number, if held
	held            bool
}

// newPCG64 seeds the generator as numpy does: four words of the seed sequence are the state and the increment.
func newPCG64(seed uint64) *pcg64 {
	words := seedWords(seed)
	p := &pcg64{addHigh: words[2]<<1 | words[3]>>63, addLow: words[3]<<1 | 1}
	p.step()
	var carry uint64
	p.low, carry = bits.Add64(p.low, words[1], 0)
	p.high, _ = bits.Add64(p.high, words[0], carry)
	p.step()
	return p
}

// step moves the state on: times the multiplier, plus the increment.
func (p *pcg64) step() {
	const factorHigh, factorLow = 2549297995355413924, 4865540595714422341
	high, low := bits.Mul64(p.low, factorLow)
	high += p.high*factorLow + p.low*factorHigh
	var carry uint64
	p.low, carry = bits.Add64(low, p.addLow, 0)
	p.high, _ = bits.Add64(high, p.addHigh, carry)
}

// Uint64 draws 64 bits.
func (p *pcg64) Uint64() uint64 {
	p.step()
	return bits.RotateLeft64(p.high^p.low, -int(p.high>>58))
}

// Uint32 draws 32 bits: the lower half of a number of 64, and the upper half at the next call.
func (p *pcg64) Uint32() uint32 {
	if p.held {
		p.held = false
		return p.half
	}
	x := p.Uint64()
	p.half, p.held = uint32(x>>32), true
	return uint32(x)
}

// seedWords gives the first four 64-bit words of numpy's SeedSequence of an integer: O'Neill's seed_seq_fe, whose pool of four
// words is filled by hashes of the seed and mixed, each word into each other one.
func seedWords(seed uint64) [4]uint64 {
	const (
		startFill, factorFill = 0x43b0d7e5, 0x931e8875
		startDraw, factorDraw = 0x8b51f9dd, 0x58f38ded
		mixLeft, mixRight     = 0xca01f9dd, 0x4973f715
	)
	hasher := func(constant, factor uint32) func(uint32) uint32 {
		return func(x uint32) uint32 {
			x ^= constant
			constant *= factor
			x *= constant
			return x ^ x>>16
		}
	}
	fill := hasher(startFill, factorFill)
	pool := [4]uint32{uint32(seed), uint32(seed >> 32)}
	for i := range pool {
		pool[i] = fill(pool[i])
	}
	for from := range pool {
		for to := range pool {
			if from != to {
				x := pool[to]*mixLeft - fill(pool[from])*mixRight
				pool[to] = x ^ x>>16
			}
		}
	}
	draw := hasher(startDraw, factorDraw)
	var words [4]uint64
	for i := range 8 {
		words[i/2] |= uint64(draw(pool[i%4])) << (32 * (i % 2))
	}
	return words
}

// below draws a whole number from 0 to top, which included, by Lemire's multiplication with rejection
// (https://arxiv.org/abs/1805.10941), from 32 bits if they are enough. A top of 0 draws nothing.
func below(s source, top uint64) uint64 {
	switch {
	case top == 0:
		return 0
	case top == math.MaxUint32:
		return uint64(s.Uint32())
	case top == math.MaxUint64:
		return s.Uint64()
	case top < math.MaxUint32:
		n := uint32(top) + 1
		for {
			product := uint64(s.Uint32()) * uint64(n)
			if uint32(product) >= -n%n {
				return product >> 32
			}
		}
	}
	n := top + 1
	for {
		high, low := bits.Mul64(s.Uint64(), n)
		if low >= -n%n {
			return high
		}
	}
}

// masked draws a whole number from 0 to top, which included, as numpy did before below: bits up to top's highest one, until they
// are in the range. A top of 0 draws nothing.
func masked(s source, top uint64) uint64 {
	if top == 0 {
		return 0
	}
	mask := uint64(1)<<bits.Len64(top) - 1
	for {
		drawn := uint64(0)
		if top <= math.MaxUint32 {
			drawn = uint64(s.Uint32()) & mask
		} else {
			drawn = s.Uint64() & mask
		}
		if drawn <= top {
			return drawn
		}
	}
}
