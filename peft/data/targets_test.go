package data_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/data"
)

// Labels of Writing are the tokens of the labels' texts; what fills a batch up is ignored.
func TestTargets(t *testing.T) {
	tok := wordpiece(t)
	examples := []data.Example{
		{Text: letters(3), Label: data.WordLabel(letters(5))}, {Text: letters(9), Label: data.WordLabel(letters(2))}, {Text: letters(4), Label: data.WordLabel(letters(4))},
	}
	l, err := data.NewLoader(examples, data.Options{Encoder: data.Encoder{Tokenizer: tok, NoTypeIDs: true}, BatchSize: 2, Target: data.Writing})
	require.NoError(t, err)
	batches := collect(t, l, 0, 0)
	require.Len(t, batches, 2)
	for i, b := range batches {
		labels := b.Tensors["labels"].Value().([][]int32)
		require.Len(t, labels, 2)
		for j, row := range labels {
			want := make([]int32, len(row))
			for k := range want {
				want[k] = data.IgnoreIndex
			}
			if n := 2*i + j; n < len(examples) {
				enc, err := tok.Encode(examples[n].Label.String(), nil)
				require.NoError(t, err)
				copy(want, enc.IDs)
			}
			require.Equal(t, want, row)
		}
		require.Len(t, b.Tensors, 3)
	}

	examples[1].Label = data.IntegerLabel(3)
	_, err = data.NewLoader(examples, data.Options{Encoder: data.Encoder{Tokenizer: tok}, Target: data.Writing})
	require.ErrorIs(t, err, data.ErrLabel)
	require.ErrorContains(t, err, "want a text")
}
