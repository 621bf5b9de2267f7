package lokr

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The numbers are those of HF PEFT 0.21.2's factorization.
func TestSplit(t *testing.T) {
	for _, v := range []struct{ width, factor, m, n int }{
		{1, -1, 1, 1}, {2, 2, 2, 1}, {6, -1, 2, 3}, {12, 5, 3, 4}, {12, 6, 6, 2}, {16, -1, 4, 4}, {36, 5, 4, 9}, {127, -1, 1, 127},
		{127, 4, 1, 127}, {128, -1, 8, 16}, {128, 4, 4, 32}, {128, 3, 2, 64}, {384, -1, 16, 24}, {1000, 7, 5, 200}, {3072, 64, 64, 48},
	} {
		m, n := split(v.width, v.factor)
		require.Equal(t, []int{v.m, v.n}, []int{m, n}, "%d by %d", v.width, v.factor)
	}
}
