package data

import (
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// Pad makes a batch of texts that are tokens already: it does what [Encoder.Encode] does behind the tokenizer. Each row is
// as the tokenizer gave it, without padding of its own; none may be longer than MaxLength. No rows are ErrEmpty.
func (e Encoder) Pad(encodings []*tokenizer.Encoding, rows int) (Batch, error) {
	if err := e.check(); err != nil {
		return Batch{}, err
	}
	if len(encodings) == 0 {
		return Batch{}, ErrEmpty
	}
	longest, tokens := 0, 0
	for i, enc := range encodings {
		if limit := e.limit(); limit > 0 && enc.Len() > limit {
			return Batch{}, faultf(ErrFormat, "row %d has %d tokens, more than the longest input of %d", i, enc.Len(), limit)
		}
		longest, tokens = max(longest, enc.Len()), tokens+enc.Len()
	}
	rows = max(rows, len(encodings))
	length := bucket(longest, e.Buckets, e.limit())
	pad, _ := e.padID() // checked above
	column := func(fill int32, of func(*tokenizer.Encoding) []int32) *tensors.Tensor {
		flat := make([]int32, 0, rows*length)
		for row := range rows {
			values := of(encodings[min(row, len(encodings)-1)])
			flat = append(flat, values...)
			for range length - len(values) {
				flat = append(flat, fill)
			}
		}
		return tensors.FromFlatDataAndDimensions(flat, rows, length)
	}
	b := Batch{Rows: len(encodings), Tokens: tokens, Tensors: map[string]*tensors.Tensor{
		"input_ids":      column(pad, func(enc *tokenizer.Encoding) []int32 { return enc.IDs }),
		"attention_mask": column(0, func(enc *tokenizer.Encoding) []int32 { return enc.AttentionMask }),
	}}
	if !e.NoTypeIDs {
		b.Tensors["token_type_ids"] = column(0, func(enc *tokenizer.Encoding) []int32 { return enc.TypeIDs })
	}
	return b, nil
}
