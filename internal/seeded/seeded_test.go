package seeded_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/seeded"
)

// The purpose is hashed by 64-bit FNV-1a, whose value for "a" is in its specification's test vectors.
func TestRand(t *testing.T) {
	want := rand.New(rand.NewPCG(7, 0xaf63dc4c8601ec8c))
	got := seeded.Rand(7, "a")
	for range 4 {
		require.Equal(t, want.Uint64(), got.Uint64())
	}
	require.NotEqual(t, seeded.Rand(7, "a").Uint64(), seeded.Rand(7, "b").Uint64())
	require.NotEqual(t, seeded.Rand(7, "a").Uint64(), seeded.Rand(8, "a").Uint64())
}
