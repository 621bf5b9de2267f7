package unilora

import (
	"math"

	"github.com/gopeft/gopeft/internal/torchrand"
)

// draw gives each number of arrays of these shapes a place below length, and what it is multiplied by. Places are dealt out
// equally, what is left over to different ones, and shuffled.
func draw(shapes [][]int, length int, seed uint64) (places [][]int32, scales [][]float32, err error) {
	n := 0
	for _, s := range shapes {
		n += s[0] * s[1]
	}
	r := torchrand.NewDefaultRNG(seed)
	all := make([]int32, 0, n)
	for place := range length {
		for range n / length {
			all = append(all, int32(place))
		}
	}
	if rest := n % length; rest > 0 {
		more, err := r.Choice(length, rest, false)
		if err != nil {
			return nil, nil, err
		}
		for _, place := range more {
			all = append(all, int32(place))
		}
	}
	r.Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
	counts := make([]int, length)
	for _, place := range all {
		counts[place]++
	}
	for _, s := range shapes {
		own := all[: s[0]*s[1] : s[0]*s[1]]
		all = all[len(own):]
		scale := make([]float32, len(own))
		for i, place := range own {
			scale[i] = 1 / float32(math.Sqrt(float64(counts[place])))
		}
		places, scales = append(places, own), append(scales, scale)
	}
	return places, scales, nil
}
