// Package seeded gives every purpose a random source of its own.
package seeded

import (
	"hash/fnv"
	"math/rand/v2"
)

// Rand depends on the seed and the purpose (a value's path, say) only, so that the order in which values are drawn does
// not matter, and drawing one more leaves the others as they are.
func Rand(seed uint64, purpose string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
