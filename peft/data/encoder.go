package data

import (
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// Encoder turns texts into token ids as a model takes them: tokenized, cut to a largest length and padded. All rows of a batch
// are padded to one of a few lengths (buckets), since the model is compiled anew for each length. The zero value lacks a
// Tokenizer; the other fields may be left out.
type Encoder struct {
	Tokenizer tokenizer.Tokenizer // the model's tokenizer, required

	// MaxLength is the largest number of tokens of an input, special tokens included. Longer texts lose tokens at their
	// end; of a pair, the longer text loses them first. 0 means the tokenizer's own limit, or none where it has none.
	MaxLength int
	// Buckets are the lengths that rows may be padded to, in ascending order. A batch gets the smallest one that its longest
	// row fits in; if that row is longer than the last bucket, MaxLength or, without a limit, the next power of two. Nil
	// means the powers of two from 16 up.
	Buckets []int
	// Pairs encodes every example as a pair of texts, also where Pair is empty. Otherwise only examples with a Pair are.
	Pairs bool
	// NoTypeIDs leaves out "token_type_ids", for models without them, such as DistilBERT and GPT-2.
	NoTypeIDs bool
}

// Batch is the input of one forward pass or training step.
type Batch struct {
	// Tensors are the arguments of the forward pass by their names in transformers ("input_ids", "labels"), in host memory.
	// The first axis of each is the row.
	Tensors map[string]*tensors.Tensor
	Rows    int // the number of rows that are examples; the rows behind them are filling, to be ignored
	Tokens  int // the number of tokens in those rows, without padding
}

// Encode makes a batch of examples: "input_ids", "attention_mask" and "token_type_ids", each int32 of shape [rows, length],
// where length is a bucket. Labels are not used. If rows is larger than the number of examples, the last example is repeated
// to fill the batch up to that many; Batch.Rows still counts the examples only. Otherwise there is one row per example, so 0
// adds none.
//
// Padding is on the right, with the tokenizer's padding token or, if it has none, its end-of-sequence token; the attention
// mask is 0 there. No examples are [ErrEmpty]. Settings that can't be used are [ErrOption], among them a tokenizer with
// neither token and a MaxLength that special tokens fill. A text without any token is an [*ExampleError] that matches
// [ErrFormat].
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
		return faultf(ErrOption, "Tokenizer: has no token to pad with; its tokenizer_config.json should name a pad_token or an eos_token")
	}
	if err := e.checkRoom(); err != nil {
		return err
	}
	return checkBuckets(e.Buckets, e.limit())
}

// checkRoom wants an input to have room for text. It looks at limits only below what no tokenizer's special tokens fill.
func (e Encoder) checkRoom() error {
	const enough = 16
	limit := e.limit()
	if limit == 0 || limit >= enough {
		return nil
	}
	encode, whole := e.Tokenizer.Encode, &tokenizer.Options{Truncation: &tokenizer.Truncation{}, Padding: &tokenizer.Padding{}}
	if e.Pairs {
		encode = func(text string, o *tokenizer.Options) (*tokenizer.Encoding, error) {
			return e.Tokenizer.EncodePair(text, "", o)
		}
	}
	empty, err := encode("", whole)
	if err != nil || empty.Len() < limit {
		return nil // a tokenizer that takes no empty text says so where one occurs
	}
	return faultf(ErrOption, "MaxLength: %d leaves no room for text beside the %d special tokens of an input", limit, empty.Len())
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
