package torchrand

import (
	"fmt"
	"sort"

	"gonum.org/v1/gonum/mathext/prng"
)

// RandomState is numpy's random.RandomState, the Mersenne Twister that scikit-learn draws from. Make one with [NewRandomState]; the
// zero value is not usable.
type RandomState struct{ twister *prng.MT19937 }

// NewRandomState gives the generator of numpy.random.RandomState(seed).
func NewRandomState(seed uint32) *RandomState {
	twister := prng.NewMT19937()
	twister.Seed(uint64(seed))
	return &RandomState{twister}
}

// Float64 draws a number in [0, 1) of 53 bits, as random_sample and rand.
func (r *RandomState) Float64() float64 {
	upper, lower := r.twister.Uint32()>>5, r.twister.Uint32()>>6
	return (float64(upper)*(1<<26) + float64(lower)) / (1 << 53)
}

// Integers fills out with whole numbers in [lo, hi), as randint with numpy's default type of 64 bits. hi must be above lo.
func (r *RandomState) Integers(out []int64, lo, hi int64) {
	for i := range out {
		out[i] = lo + int64(masked(r.twister, uint64(hi)-uint64(lo)-1))
	}
}

// Shuffle puts n elements, which swap exchanges by their places, in a random order, as shuffle.
func (r *RandomState) Shuffle(n int, swap func(i, j int)) { shuffle(r.twister, masked, n, 1, swap) }

// Permutation gives the numbers 0 to n-1 in a random order, as permutation.
func (r *RandomState) Permutation(n int) []int {
	perm := upTo(n)
	r.Shuffle(n, swapper(perm))
	return perm
}

// Choice draws size of the numbers 0 to n-1, as choice without p: each time one of all if replace is set, and else different
// ones. If there are fewer than asked for, the error matches [ErrRange].
func (r *RandomState) Choice(n, size int, replace bool) ([]int, error) {
	if err := checkChoice(n, size, replace); err != nil {
		return nil, err
	}
	if !replace {
		return r.Permutation(n)[:size:size], nil
	}
	drawn := make([]int, size)
	for i := range drawn {
		drawn[i] = int(masked(r.twister, uint64(n)-1))
	}
	return drawn, nil
}

// Weighted draws size of the numbers below len(p), where i has the probability p[i], as choice with p: each time one of all if
// replace is set, and else different ones. scikit-learn's k-means draws its first centres so, even where all weights are one:
// p[i] is then the float64 of 1/n in the type of its data. If fewer numbers than asked for have a probability above 0, the error
// matches [ErrRange].
func (r *RandomState) Weighted(p []float64, size int, replace bool) ([]int, error) {
	possible := 0
	for _, x := range p {
		if x > 0 {
			possible++
		}
	}
	if err := checkChoice(possible, size, replace); err != nil {
		return nil, fmt.Errorf("%w, of %d with those of probability 0", err, len(p))
	}
	left := append([]float64(nil), p...)
	drawn := make([]int, 0, size)
	for len(drawn) < size {
		places := r.places(left, size-len(drawn))
		if replace {
			return places, nil
		}
		for _, i := range places { // those drawn once more are drawn anew in the next turn
			if left[i] > 0 {
				left[i] = 0
				drawn = append(drawn, i)
			}
		}
	}
	return drawn, nil
}

// places draws n numbers in [0, 1) and gives where they fall in the cumulative sums of p, as fractions of the whole.
func (r *RandomState) places(p []float64, n int) []int {
	sums, sum := make([]float64, len(p)), 0.0
	for i, x := range p {
		sum += x
		sums[i] = sum
	}
	for i := range sums {
		sums[i] /= sum
	}
	places := make([]int, n)
	for i := range places {
		u := r.Float64()
		places[i] = sort.Search(len(sums), func(j int) bool { return sums[j] > u })
	}
	return places
}
