package metric_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/metric"
)

// The reference is the definition: the best of all pairs of a start and an end that don't cross.
func TestSpanMatch(t *testing.T) {
	const rows, length = 200, 6
	random := rand.New(rand.NewPCG(1, 2))
	starts, ends := make([][]float32, rows), make([][]float32, rows)
	first, last := make([]int32, rows), make([]int32, rows)
	hits, count := 0, 0
	for row := range rows {
		for range length {
			// Few different values, so that sums are often equal.
			starts[row] = append(starts[row], float32(random.IntN(4)))
			ends[row] = append(ends[row], float32(random.IntN(4)))
		}
		bestStart, bestEnd, best := 0, 0, float32(-1)
		for end := range length {
			for start := range end + 1 {
				if sum := starts[row][start] + ends[row][end]; sum > best {
					bestStart, bestEnd, best = start, end, sum
				}
			}
		}
		switch random.IntN(4) {
		case 0, 1:
			first[row], last[row] = int32(bestStart), int32(bestEnd)
			hits, count = hits+1, count+1
		case 2:
			first[row], last[row] = int32(bestStart), int32(bestEnd+1)%length
			count++
		case 3:
			first[row], last[row] = []int32{0, -100}[row%2], []int32{length, 2}[row%2]
		}
	}
	out := values{"start_logits": tensors.FromValue(starts), "end_logits": tensors.FromValue(ends)}
	in := values{"start_positions": tensors.FromValue(first), "end_positions": tensors.FromValue(last)}
	m := &metric.SpanMatch{}
	require.NoError(t, m.Add(out, in, rows))
	value, err := m.Value()
	require.NoError(t, err)
	require.Less(t, hits, count)
	require.Equal(t, float64(hits)/float64(count), value)

	out["end_logits"] = tensors.FromFlatDataAndDimensions(make([]float32, rows*2), rows, 2)
	require.ErrorContains(t, m.Add(out, in, rows), "end_logits are of 2 tokens, start_logits of 6")
	in["end_positions"] = out["end_logits"]
	out["end_logits"] = out["start_logits"]
	require.ErrorContains(t, m.Add(out, in, rows), "end_positions has shape [200 2], want [batch]")
}
