package data

import (
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// checkSingle wants texts without a second one.
func (e Encoder) checkSingle(examples []Example) error {
	const why = "a decoder goes on with one text: join the two, or make the second the label"
	if i := slices.IndexFunc(examples, func(ex Example) bool { return ex.Pair != "" }); i >= 0 {
		return &ExampleError{Place: place(examples, i), Field: "text_pair", Err: faultf(ErrOption, why)}
	}
	if e.Pairs {
		return faultf(ErrOption, "Pairs: %s", why)
	}
	return nil
}

// continuing encodes examples for a decoder, with "labels" beside the ids: the same ids, with [IgnoreIndex] in place of
// padding, of a text that has a label behind it, and in the rows beyond the examples. Moving them by one is left to
// the model, as in transformers.
func (e Encoder) continuing(examples []Example, rows int, at func(i int) string) (Batch, error) {
	e.NoTypeIDs = true
	var given []int // tokens in front of what is to be learned, by example
	b, err := e.batch(examples, rows, at, func(ex Example) (*tokenizer.Encoding, error) {
		enc, n, err := e.continued(ex)
		given = append(given, n)
		return enc, err
	})
	if err != nil {
		return Batch{}, err
	}
	labels, mask := tensors.MustCopyFlatData[int32](b.Tensors["input_ids"]), tensors.MustCopyFlatData[int32](b.Tensors["attention_mask"])
	length := len(labels) / rows
	for i := range labels {
		if row := i / length; row >= len(given) || i%length < given[row] || mask[i] == 0 {
			labels[i] = IgnoreIndex
		}
	}
	b.Tensors["labels"] = tensors.FromFlatDataAndDimensions(labels, rows, length)
	return b, nil
}

// continued gives an example's tokens, and how many of them are only given.
func (e Encoder) continued(ex Example) (enc *tokenizer.Encoding, given int, err error) {
	if ex.Label.kind == NoLabel {
		enc, err = e.row(ex)
	} else {
		enc, given, err = e.answered(ex)
	}
	// Nothing foretells the first token, whosever it is.
	if err == nil && enc.Len() <= max(given, 1) {
		err = faultf(ErrFormat, "there is no token to be learned behind the given ones (%d)", enc.Len())
	}
	return enc, given, err
}

// answered gives the tokens of a text, those of its label, and the one that ends a text.
func (e Encoder) answered(ex Example) (*tokenizer.Encoding, int, error) {
	whole := tokenizer.Options{Truncation: &tokenizer.Truncation{}, Padding: &tokenizer.Padding{}}
	text, err := e.Tokenizer.Encode(ex.Text, &whole)
	if err != nil {
		return nil, 0, err
	}
	whole.NoSpecialTokens = true
	label, err := e.Tokenizer.Encode(ex.Label.word, &whole)
	if err != nil {
		return nil, 0, err
	}
	special := e.Tokenizer.Special()
	given := text.Len()
	for given > 0 && text.SpecialTokensMask[given-1] == 1 { // those behind the text, which goes on
		given--
	}
	if given == 0 && text.Len() > 0 && text.IDs[0] == special.BOS { // all belong to an empty text
		given = 1
	}
	ids := slices.Concat(text.IDs[:given], label.IDs)
	if special.EOS >= 0 {
		ids = append(ids, special.EOS)
	}
	if limit := e.limit(); limit > 0 && len(ids) > limit {
		if given >= limit {
			return nil, 0, faultf(tokenizer.ErrTruncation, "the text's %d tokens leave no room for the label in %d", given, limit)
		}
		ids = ids[:limit]
	}
	return &tokenizer.Encoding{IDs: ids, AttentionMask: slices.Repeat([]int32{1}, len(ids))}, given, nil
}
