package generate

import (
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// Batch is prompts as ids.
type Batch struct {
	// IDs of each row. Rows of different lengths are filled up with the pad token: on the left for a decoder, on the right
	// for an encoder.
	IDs [][]int32
	// Mask is 1 where IDs has a token and 0 where it has padding, row by row; nil means that all are tokens.
	Mask [][]int32
}

// Result is what was written.
type Result struct {
	// Sequences of equal length as transformers returns them: prompt and new tokens, or those of an encoder-decoder's
	// target with its start token, filled up with the pad token on the right.
	Sequences [][]int32
	// Start is the column of the first new token.
	Start int
	// Scores of the rows under beam search: the sum of the tokens' log-probabilities over the length penalty. Else nil.
	Scores []float64
}

// New gives the new tokens of each row, the end token and padding behind it included.
func (r *Result) New() [][]int32 {
	out := make([][]int32, len(r.Sequences))
	for i, s := range r.Sequences {
		out[i] = s[r.Start:]
	}
	return out
}

// aligned checks a batch and brings its rows to one length.
func (b Batch) aligned(vocab int, pad seam.Opt[int32], left bool) (Batch, error) {
	if len(b.IDs) == 0 {
		return b, promptf("there is none")
	}
	if b.Mask != nil && len(b.Mask) != len(b.IDs) {
		return b, promptf("there are %d rows of ids, but %d of the mask", len(b.IDs), len(b.Mask))
	}
	longest := 0
	for _, row := range b.IDs {
		longest = max(longest, len(row))
	}
	out := Batch{}
	for i, row := range b.IDs {
		mask := slices.Repeat([]int32{1}, len(row))
		if b.Mask != nil {
			mask = b.Mask[i]
		}
		if len(mask) != len(row) {
			return b, promptf("row %d has %d ids, but %d values of the mask", i, len(row), len(mask))
		}
		if !slices.Contains(mask, 1) {
			return b, promptf("row %d is empty", i)
		}
		for j, id := range row {
			if id < 0 || int(id) >= vocab {
				return b, promptf("row %d: id %d at %d is outside the vocabulary of %d", i, id, j, vocab)
			}
			if mask[j] != 0 && mask[j] != 1 {
				return b, promptf("row %d: the mask is %d at %d, neither 0 nor 1", i, mask[j], j)
			}
		}
		if left && mask[len(mask)-1] == 0 {
			return b, promptf("row %d ends in padding: a decoder's prompts have it on the left", i)
		}
		if n := longest - len(row); n > 0 {
			id, ok := pad.Get()
			if !ok {
				return b, promptf("rows differ in length, and neither the options nor the backbone's folder have a pad_token_id")
			}
			fill, none := slices.Repeat([]int32{id}, n), make([]int32, n)
			if left {
				row, mask = slices.Concat(fill, row), slices.Concat(none, mask)
			} else {
				row, mask = slices.Concat(row, fill), slices.Concat(mask, none)
			}
		}
		out.IDs, out.Mask = append(out.IDs, row), append(out.Mask, mask)
	}
	return out, nil
}

// repeated gives each row n times, one copy behind the other.
func repeated[T any](rows []T, n int) []T {
	out := make([]T, 0, len(rows)*n)
	for _, row := range rows {
		for range n {
			out = append(out, row)
		}
	}
	return out
}
