package torchrand

import (
	"errors"
	"fmt"
)

// ErrRange matches the errors of draws that can't be made, such as 5 different ones of 4 elements.
var ErrRange = errors.New("torchrand: nothing to draw from")

// DefaultRNG is numpy's random.default_rng: PCG64 behind a SeedSequence. Make one with [NewDefaultRNG]; the zero value is not
// usable.
type DefaultRNG struct{ source *pcg64 }

// NewDefaultRNG gives the generator of numpy.random.default_rng(seed).
func NewDefaultRNG(seed uint64) *DefaultRNG { return &DefaultRNG{newPCG64(seed)} }

// Float64 draws a number in [0, 1) of 53 bits, as Generator.random.
func (r *DefaultRNG) Float64() float64 { return float64(r.source.Uint64()>>11) * 0x1p-53 }

// Integers fills out with whole numbers in [lo, hi), as Generator.integers with numpy's default type of 64 bits. hi must be above
// lo.
func (r *DefaultRNG) Integers(out []int64, lo, hi int64) {
	for i := range out {
		out[i] = lo + int64(below(r.source, uint64(hi)-uint64(lo)-1))
	}
}

// Shuffle puts n elements, which swap exchanges by their places, in a random order, as Generator.shuffle.
func (r *DefaultRNG) Shuffle(n int, swap func(i, j int)) { shuffle(r.source, masked, n, 1, swap) }

// Permutation gives the numbers 0 to n-1 in a random order, as Generator.permutation.
func (r *DefaultRNG) Permutation(n int) []int {
	perm := upTo(n)
	r.Shuffle(n, swapper(perm))
	return perm
}

// Choice draws size of the numbers 0 to n-1, as Generator.choice: each time one of all if replace is set, and else different ones.
// If there are fewer than asked for, the error matches [ErrRange].
func (r *DefaultRNG) Choice(n, size int, replace bool) ([]int, error) {
	if err := checkChoice(n, size, replace); err != nil {
		return nil, err
	}
	drawn := make([]int, size)
	switch {
	case replace:
		for i := range drawn {
			drawn[i] = int(below(r.source, uint64(n)-1))
		}
	case n > 10000 && size > n/50: // numpy's rule: shuffle the end of them all, or collect few by Floyd's algorithm
		all := upTo(n)
		shuffle(r.source, below, n, max(n-size, 1), swapper(all))
		copy(drawn, all[n-size:])
	default:
		taken := make(map[int]bool, size)
		for i, newest := 0, n-size; newest < n; i, newest = i+1, newest+1 {
			drawn[i] = int(below(r.source, uint64(newest)))
			if taken[drawn[i]] {
				drawn[i] = newest
			}
			taken[drawn[i]] = true
		}
		shuffle(r.source, below, size, 1, swapper(drawn))
	}
	return drawn, nil
}

func checkChoice(n, size int, replace bool) error {
	if size < 0 || n < 0 || size > 0 && n == 0 || !replace && size > n {
		return fmt.Errorf("%w: %d of %d elements (replace=%t)", ErrRange, size, n, replace)
	}
	return nil
}

// shuffle is the shuffle of Fisher and Yates from the end on, down to place first. numpy's own functions draw the places in one of
// two ways.
func shuffle(s source, draw func(s source, top uint64) uint64, n, first int, swap func(i, j int)) {
	for i := n - 1; i >= first; i-- {
		swap(i, int(draw(s, uint64(i))))
	}
}

// upTo gives the numbers 0 to n-1.
func upTo(n int) []int {
	all := make([]int, max(n, 0))
	for i := range all {
		all[i] = i
	}
	return all
}

// swapper exchanges elements of x.
func swapper(x []int) func(i, j int) { return func(i, j int) { x[i], x[j] = x[j], x[i] } }
