package data_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft/data"
)

// Tokens that are there already are padded as texts are.
func TestPad(t *testing.T) {
	tok, err := tokenizer.Load("../../models/tokenizer/testdata/wordpiece")
	require.NoError(t, err)
	texts := []string{"the number is given", "return"}
	var rows []*tokenizer.Encoding
	var examples []data.Example
	for _, text := range texts {
		enc, err := tok.Encode(text, &tokenizer.Options{Truncation: &tokenizer.Truncation{}, Padding: &tokenizer.Padding{}})
		require.NoError(t, err)
		rows, examples = append(rows, enc), append(examples, data.Example{Text: text})
	}
	e := data.Encoder{Tokenizer: tok, MaxLength: 12}
	want, err := e.Encode(examples, 4)
	require.NoError(t, err)
	got, err := e.Pad(rows, 4)
	require.NoError(t, err)
	require.Equal(t, want.Rows, got.Rows)
	require.Equal(t, want.Tokens, got.Tokens)
	require.Len(t, got.Tensors, 3)
	for name, x := range want.Tensors {
		require.Equal(t, x.Shape(), got.Tensors[name].Shape())
		require.Equal(t, tensors.MustCopyFlatData[int32](x), tensors.MustCopyFlatData[int32](got.Tensors[name]))
	}
	_, err = e.Pad(nil, 4)
	require.ErrorIs(t, err, data.ErrEmpty)
	e.MaxLength = 5
	_, err = e.Pad(rows, 4)
	require.ErrorIs(t, err, data.ErrFormat)
	require.ErrorContains(t, err, "row 0 has 6 tokens")
}
