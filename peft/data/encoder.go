package data

import (
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// Encoder turns texts into the arguments of a model. All rows of a batch get one length, out of a few, since each
// length is a program to compile.
type Encoder struct {
	Tokenizer tokenizer.Tokenizer // required

	// MaxLength is the longest input in tokens, special ones included; longer texts are cut on the right, of a pair
	// the longer one first. 0 means the tokenizer's, and no limit where it knows none.
	MaxLength int
	// Buckets are the lengths that rows are padded to, ascending: a batch takes the smallest that holds its longest
	// row. Nil means powers of two from 16. Above the last stands MaxLength or, without a limit, the next power of
	// two.
	Buckets []int
	// Pairs encodes a Pair with every Text, even an empty one. Otherwise only an example with a Pair has two texts.
	Pairs bool
	// NoTypeIDs leaves out "token_type_ids", which some models (DistilBERT, GPT-2) don't take.
	NoTypeIDs bool
}

// Batch is the input of one step.
type Batch struct {
	// Tensors are forward's arguments by their names in transformers, on the host. The first axis is the row.
	Tensors map[string]*tensors.Tensor
	Rows    int // real rows; those after them fill the batch up and are to be ignored
	Tokens  int // tokens in real rows, padding not counted
}

// Encode gives "input_ids", "attention_mask" and "token_type_ids", each int32 [rows, length], of at least one
// example. Rows beyond the examples are copies of the last one; rows below their number means no such copies.
//
// Padding is on the right, with the tokenizer's pad token or, where it has none, the one that ends a text: the mask
// hides it. A tokenizer with neither, like other settings that can't be used, gives [ErrOption]; a text without a
// single token [ErrFormat]; a MaxLength without room for the special tokens [tokenizer.ErrTruncation].
func (e Encoder) Encode(examples []Example, rows int) (Batch, error) {
	return e.encode(examples, rows, func(i int) string { return place(examples, i) })
}

// encode is Encode, with a way to name the i-th example in an error.
func (e Encoder) encode(examples []Example, rows int, place func(i int) string) (Batch, error) {
	return e.batch(examples, rows, place, e.row)
}

// batch is encode, with a way to make an example's tokens.
func (e Encoder) batch(examples []Example, rows int, place func(i int) string, row func(Example) (*tokenizer.Encoding, error)) (Batch, error) {
	if err := e.check(); err != nil {
		return Batch{}, err
	}
	encodings := make([]*tokenizer.Encoding, len(examples))
	for i, ex := range examples {
		enc, err := row(ex)
		if err == nil && enc.Len() == 0 {
			err = faultf(ErrFormat, "the text gives no tokens")
		}
		if err != nil {
			return Batch{}, &ExampleError{Place: place(i), Err: err}
		}
		encodings[i] = enc
	}
	return e.Pad(encodings, rows)
}

func (e Encoder) row(ex Example) (*tokenizer.Encoding, error) {
	o := &tokenizer.Options{
		Truncation: &tokenizer.Truncation{MaxLength: e.limit()},
		Padding:    &tokenizer.Padding{}, // none: the bucket depends on the other rows
	}
	if e.Pairs || ex.Pair != "" {
		return e.Tokenizer.EncodePair(ex.Text, ex.Pair, o)
	}
	return e.Tokenizer.Encode(ex.Text, o)
}

func (e Encoder) check() error {
	if e.Tokenizer == nil {
		return faultf(ErrOption, "Tokenizer: is missing")
	}
	if e.MaxLength < 0 {
		return faultf(ErrOption, "MaxLength: %d is negative", e.MaxLength)
	}
	if _, ok := e.padID(); !ok {
		return faultf(ErrOption, "Tokenizer: has no token to pad with")
	}
	return checkBuckets(e.Buckets, e.limit())
}

// limit is the longest input in tokens; 0 means no limit.
func (e Encoder) limit() int {
	if e.MaxLength > 0 {
		return e.MaxLength
	}
	return e.Tokenizer.MaxLength()
}

func (e Encoder) padID() (int32, bool) {
	special := e.Tokenizer.Special()
	if special.Pad >= 0 {
		return special.Pad, true
	}
	return special.EOS, special.EOS >= 0
}
