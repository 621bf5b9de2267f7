package data

import "github.com/gomlx/gomlx/core/tensors"

// targets encodes the texts that label examples, int32 [rows, length], with [IgnoreIndex] in place of padding and in the
// rows beyond the examples. An error names the i-th example by at(i).
func (e Encoder) targets(examples []Example, rows int, at func(i int) string) (*tensors.Tensor, error) {
	e.Pairs, e.NoTypeIDs = false, true
	texts := make([]Example, len(examples))
	for i, ex := range examples {
		texts[i] = Example{Text: ex.Label.word}
	}
	b, err := e.encode(texts, rows, func(i int) string { return at(i) + ": label" })
	if err != nil {
		return nil, err
	}
	ids, mask := tensors.MustCopyFlatData[int32](b.Tensors["input_ids"]), tensors.MustCopyFlatData[int32](b.Tensors["attention_mask"])
	length := len(ids) / rows
	for i := range ids {
		if mask[i] == 0 || i >= len(examples)*length {
			ids[i] = IgnoreIndex
		}
	}
	return tensors.FromFlatDataAndDimensions(ids, rows, length), nil
}
