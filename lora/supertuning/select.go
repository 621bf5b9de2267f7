package supertuning

import (
	"cmp"
	"math"
	"slices"
)

// strongest gives the places of the n numbers of w that are largest by their magnitude, or smallest, in that order; of equal
// ones the first comes first. NaN counts as larger than all.
func strongest(w []float32, n int, largest bool) []int32 {
	// The bits of a magnitude are in the order of the magnitudes. Their upper half sorts out most that is not wanted.
	const bins = 1 << 15
	key := func(v float32) uint32 {
		k := math.Float32bits(v) &^ (1 << 31)
		if largest {
			return 1<<31 - 1 - k
		}
		return k
	}
	var counts [bins]int
	for _, v := range w {
		counts[key(v)>>16]++
	}
	last, found := 0, counts[0]
	for found < n && last < bins-1 {
		last++
		found += counts[last]
	}
	out := make([]int32, 0, found)
	for i, v := range w {
		if int(key(v)>>16) <= last {
			out = append(out, int32(i))
		}
	}
	slices.SortFunc(out, func(i, j int32) int { return cmp.Or(cmp.Compare(key(w[i]), key(w[j])), cmp.Compare(i, j)) })
	return out[:min(n, len(out))]
}
