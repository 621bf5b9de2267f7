package lora

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// The levels of NormalFloat are those of bitsandbytes' NF4 (as printed in appendix E of QLoRA's paper, arXiv:2305.14314).
func TestNormalFloat(t *testing.T) {
	require.InDeltaSlice(t, []float64{
		-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
		-0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
		0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1,
	}, normalFloat(4), 2e-7)
	require.Len(t, normalFloat(2), 4)
	require.Equal(t, []float64{-1, 0}, normalFloat(2)[:2])
	require.EqualValues(t, 1, normalFloat(2)[3])
}

// Quantising keeps the largest number of a block, moves none further than half a gap, and does nothing the second time.
func TestQuantise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, bits := range []int{2, 4, 8} {
		const rows, width = 7, 30 // 210 numbers: three blocks of 64, and a part of one
		flat := make([]float64, rows*width)
		for i := range flat {
			flat[i] = r.NormFloat64()
		}
		flat[5] = 9
		was := append([]float64{}, flat...)
		quantise(flat, width, bits)
		require.Equal(t, 9.0, flat[5])
		block := normalBlock
		gap := 0.0
		if bits == 8 {
			block, gap = width, 1.0/127
		} else {
			levels := normalFloat(bits)
			for i := 1; i < len(levels); i++ {
				gap = max(gap, levels[i]-levels[i-1])
			}
		}
		for i := range flat {
			start := i / block * block
			most := largest(was[start:min(start+block, len(was))])
			require.LessOrEqual(t, math.Abs(flat[i]-was[i]), most*gap/2+1e-12)
		}
		again := append([]float64{}, flat...)
		quantise(again, width, bits)
		require.InDeltaSlice(t, flat, again, 1e-12)
	}
	zeros := make([]float64, 64)
	quantise(zeros, 8, 4)
	quantise(zeros, 8, 8)
	require.Equal(t, make([]float64, 64), zeros)
}
