package torchrand_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/torchrand"
)

// TestDraws holds Perm to torch; its head is held to it.
func TestPermHead(t *testing.T) {
	for _, n := range []int{0, 1, 2, 17, 1000} {
		for _, k := range []int{0, 1, 2, 16, 17, 125, 126, 999, 1000, 1001} {
			whole, head := torchrand.NewGenerator(5), torchrand.NewGenerator(5)
			perm := whole.Perm(n)
			require.Equal(t, perm[:min(n, k)], head.PermHead(n, k), "%d of %d", k, n)
			require.Equal(t, whole.Uint32(), head.Uint32(), "the state after %d of %d", k, n)
		}
	}
	require.Empty(t, torchrand.NewGenerator(5).Perm(-1))
	require.Empty(t, torchrand.NewGenerator(5).PermHead(-1, -1))
}

// Two shuffles of one length draw the same numbers, whichever algorithm a length has: each element once.
func TestInsideOut(t *testing.T) {
	perm := torchrand.InsideOut(torchrand.NewGenerator(5), 1000, 1000)
	require.Equal(t, perm[:9], torchrand.InsideOut(torchrand.NewGenerator(5), 1000, 9))
	seen := make([]bool, len(perm))
	for _, i := range perm {
		require.False(t, seen[i])
		seen[i] = true
	}
}

func TestNothingToDraw(t *testing.T) {
	for _, c := range []struct {
		n, size int
		replace bool
	}{{4, 5, false}, {0, 1, true}, {-1, 0, true}, {4, -1, true}} {
		_, err := torchrand.NewDefaultRNG(1).Choice(c.n, c.size, c.replace)
		require.ErrorIs(t, err, torchrand.ErrRange)
		_, err = torchrand.NewRandomState(1).Choice(c.n, c.size, c.replace)
		require.ErrorIs(t, err, torchrand.ErrRange)
	}
	_, err := torchrand.NewRandomState(1).Weighted([]float64{0.5, 0, 0.5}, 3, false)
	require.ErrorIs(t, err, torchrand.ErrRange)
	require.ErrorContains(t, err, "3 of 2")
}

// The product and sum that are rounded once, against numbers of 2000 bits. Operands of few bits make ties.
func TestFMA32(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	number := func(bits int) float32 {
		return float32(math.Ldexp(float64(source.IntN(1<<bits)-1<<(bits-1)), source.IntN(90)-45))
	}
	for range 200_000 {
		bits := 2 + source.IntN(23)
		x, y, z := number(bits), number(bits), number(bits)
		exact := new(big.Float).SetPrec(2000).SetFloat64(float64(x) * float64(y))
		want, _ := exact.Add(exact, big.NewFloat(float64(z))).Float32()
		require.Equal(t, want, torchrand.FMA32(x, y, z), "%v*%v+%v", x, y, z)
	}
}
