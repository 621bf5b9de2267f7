package predict

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// Every row is in one batch, beside rows of like length; batches have few shapes, and even ones no padding.
func TestBatches(t *testing.T) {
	tok, err := tokenizer.Load("../tokenizer/testdata/wordpiece")
	require.NoError(t, err)
	var rows []tokenRow
	for i := range 70 {
		n := 2 + (i*37)%50
		enc := &tokenizer.Encoding{IDs: make([]int32, n), TypeIDs: make([]int32, n), AttentionMask: make([]int32, n)}
		for j := range n {
			enc.IDs[j], enc.AttentionMask[j] = int32(i), 1
		}
		rows = append(rows, tokenRow{Encoding: enc, of: 100 + i})
	}
	p := &Predictor{info: peft.Info{TokenTypes: true}}
	for _, even := range []bool{false, true} {
		seen, shapes := map[int]bool{}, map[[2]int]bool{}
		longest := math.MaxInt
		for b, err := range p.batches(tok, rows, 64, 32, even) {
			require.NoError(t, err)
			d := b.in["input_ids"].Shape().Dimensions
			shapes[[2]int(d)] = true
			require.Equal(t, d[0], b.size)
			require.LessOrEqual(t, len(b.rows), b.size)
			require.Less(t, b.size, 2*len(b.rows)+1)
			require.Len(t, b.in, 3)
			for k, r := range b.rows {
				require.False(t, seen[r])
				seen[r] = true
				require.Equal(t, 100+r, b.of[k])
				n := rows[r].Len()
				require.LessOrEqual(t, n, longest)
				require.LessOrEqual(t, n, d[1])
				if even {
					require.Equal(t, d[1], n)
				}
				longest = n
			}
		}
		require.Len(t, seen, 70)
		if !even {
			require.Equal(t, map[[2]int]bool{{32, 64}: true, {32, 32}: true, {8, 16}: true}, shapes)
		}
	}
}

func TestFillTo(t *testing.T) {
	for n, want := range map[int]int{1: 1, 2: 2, 3: 4, 5: 8, 8: 8, 17: 20, 20: 20} {
		require.Equal(t, want, fillTo(n, 20))
	}
	for n, want := range map[int]int{1: 1, 3: 3, 16: 16, 17: 20, 33: 40, 47: 48, 60: 64} {
		require.Equal(t, want, roundUp(n), n)
	}
}

// What is not finite is no answer.
func TestNotFinite(t *testing.T) {
	o := output{name: "logits", flat: []float32{1, 2, float32(math.NaN()), 4, float32(math.Inf(1)), 6}, dims: []int{3, 2}}
	row, err := o.row(0)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2}, row)
	for _, i := range []int{1, 2} {
		_, err := o.row(i)
		require.ErrorIs(t, err, ErrModel)
		require.ErrorContains(t, err, "logits are not finite")
	}
}
