package boft

import (
	"fmt"

	"github.com/gopeft/gopeft/peft/seam"
)

// divide gives the number of blocks and their size at a site, for a number of factors.
func (m *method) divide(s seam.Site, factors int) (blocks, size int, err error) {
	if s.Kind == seam.Conv && s.Conv.Groups > 1 {
		return 0, 0, &seam.UnsupportedError{Type: "BOFT", Option: fmt.Sprintf("a convolution of %d groups, %s", s.Conv.Groups, s.Path)}
	}
	width := s.In * s.Points()
	field, given := "boft_block_size", *m.c.BlockSize
	if m.c.BlockNum != 0 {
		field, given = "boft_block_num", m.c.BlockNum
	}
	if width%given != 0 {
		return 0, 0, seam.Sitef(field, s, "%d does not divide the %d numbers that are rotated", given, width)
	}
	blocks, size = given, width/given
	if m.c.BlockNum == 0 {
		blocks, size = size, given
	}
	if factors == 1 {
		return blocks, size, nil
	}
	// Every factor brings twice as many numbers into reach of each other as the one before it.
	if blocks%(1<<(factors-1)) != 0 {
		return 0, 0, seam.Sitef("boft_n_butterfly_factor", s, "%d factors need a number of blocks that %d divides, there are %d", factors, 1<<(factors-1), blocks)
	}
	if size%2 != 0 {
		return 0, 0, seam.Sitef(field, s, "blocks must be of even size with several factors, they are of %d", size)
	}
	return blocks, size, nil
}

// permutation gives, for each place, the number of the input that factor i of a butterfly puts there: within each stretch of
// 2^i blocks, first the half blocks of even place, then those of odd place.
func permutation(blocks, size, i int) []int32 {
	half, stretch := size/2, size<<i
	out := make([]int32, 0, blocks*size)
	for start := 0; start < blocks*size; start += stretch {
		for parity := range 2 {
			for piece := parity; piece < stretch/half; piece += 2 {
				for k := range half {
					out = append(out, int32(start+piece*half+k))
				}
			}
		}
	}
	return out
}

// inverse gives where each number went.
func inverse(p []int32) []int32 {
	out := make([]int32, len(p))
	for i, from := range p {
		out[from] = int32(i)
	}
	return out
}
