package predict

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// logs gives logits whose exponentials are these.
func logs(x ...float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(math.Log(v))
	}
	return out
}

// The best start and end are the best pair in order, not the best of each; question, separators and padding don't count.
func TestSpans(t *testing.T) {
	// [CLS] q [SEP] a b c [SEP], and padding behind.
	row := &tokenizer.Encoding{IDs: []int32{9, 5, 8, 1, 2, 3, 8}, SequenceIDs: []int32{-1, 0, -1, 1, 1, 1, -1}}
	start, end := logs(1, 50, 50, 1, 3, 5, 50, 50), logs(2, 50, 50, 5, 2, 1, 50, 50)
	p := &Predictor{}
	got := p.spans(row, 9, start, end)
	// Both sum to 10 over [CLS] a b c: a to a has .1*.5, b to b .3*.2, c to c .5*.1; c to a, .25, is out of order.
	require.Equal(t, []int{4, 4}, []int{got.start, got.end})
	require.InDelta(t, 0.06, got.probability, 1e-6)
	require.InDelta(t, 0.02, got.none, 1e-6)

	start, end = logs(1, 1, 1, 7, 1, 1, 1), logs(1, 1, 1, 1, 2, 6, 1)
	got = p.spans(row, 9, start, end)
	require.Equal(t, []int{3, 5}, []int{got.start, got.end})
	require.InDelta(t, 0.42, got.probability, 1e-6)
	p.options.MaxAnswer = 2
	got = p.spans(row, 9, start, end)
	require.Equal(t, []int{3, 4}, []int{got.start, got.end})
	require.InDelta(t, 0.14, got.probability, 1e-6)

	// Without a token for the whole row the context alone counts.
	got = p.spans(row, -1, start, end)
	require.InDelta(t, 7.0/9*2/9, got.probability, 1e-6)
	require.Zero(t, got.none)
}
