package seeded

import (
	"math/bits"
	"math/rand/v2"
)

// Order gives the order in which an epoch, counted from 0, goes through n examples: a random permutation of 0..n-1
// that follows from the seed and the epoch alone, so that a run can be stopped and gone on with. peft/data holds it to
// numbers that Python made.
//
// It is the shuffle of Fisher and Yates, as in Knuth's TAOCP volume 2, algorithm 3.4.2P, on numbers of PCG-DXSM, both
// written out or fixed by their publication, so that no release of Go changes it.
func Order(n int, seed uint64, epoch int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	source := rand.NewPCG(seed, uint64(epoch))
	for i := n - 1; i > 0; i-- {
		j := below(source, uint64(i)+1)
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// below gives a uniform number in [0, n), by Lemire's multiplication with rejection
// (https://arxiv.org/abs/1805.10941).
func below(source *rand.PCG, n uint64) uint64 {
	for {
		high, low := bits.Mul64(source.Uint64(), n)
		if low >= -n%n {
			return high
		}
	}
}
