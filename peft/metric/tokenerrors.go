package metric

import (
	"github.com/gomlx/gomlx/core/tensors"
)

// TokenErrors is the error rate of speech recognition: the smallest number of tokens to insert, delete or replace to turn the
// recognised sequences into the right ones, divided by the number of tokens in the right ones. If tokens are characters, it is
// the character error rate (CER). It is 0 at best and may exceed 1.
//
// It takes "tokens" [batch, frames], the recognised tokens, of which negative values and Blank count for none, and "labels"
// [batch, count], in which they are padding; both int32 or int64. The zero value takes 0 for Blank.
type TokenErrors struct {
	// Blank is the token id that stands for no token: CTC's blank, usually the id of the padding token.
	Blank int
	mean
}

var _ Metric = (*TokenErrors)(nil)

// Name gives "token_error_rate".
func (*TokenErrors) Name() string { return "token_error_rate" }

// Better reports whether a is better than b: smaller.
func (*TokenErrors) Better(a, b float64) bool { return a < b }

// Add counts the first rows of a batch; see [Metric]. Errors match [ErrInput].
func (m *TokenErrors) Add(outputs, batch map[string]*tensors.Tensor, rows int) error {
	read, err := m.sequences(outputs, "tokens", rows)
	if err != nil {
		return err
	}
	said, err := m.sequences(batch, "labels", rows)
	if err != nil {
		return err
	}
	var sum mean
	for i := range rows {
		sum.sum += float64(edits(read[i], said[i]))
		sum.count += len(said[i])
	}
	m.add(sum)
	return nil
}

// sequences gives the tokens of each row without padding.
func (m *TokenErrors) sequences(in map[string]*tensors.Tensor, name string, rows int) ([][]int, error) {
	t, err := get(in, name, rows)
	if err != nil {
		return nil, err
	}
	if t.Rank() != 2 {
		return nil, inputf(name, "has shape %v, want [batch, tokens]", t.Shape().Dimensions)
	}
	flat, err := ints(name, t, rows)
	if err != nil {
		return nil, err
	}
	out, width := make([][]int, rows), t.Shape().Dimensions[1]
	for i := range out {
		for _, v := range flat[i*width : (i+1)*width] {
			if v >= 0 && v != m.Blank {
				out[i] = append(out[i], v)
			}
		}
	}
	return out, nil
}

// edits is the distance of two sequences (Levenshtein 1966): rows of the table of their beginnings, one at a time.
func edits(a, b []int) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		corner := row[0]
		row[0] = i + 1
		for j, y := range b {
			replaced := corner
			if x != y {
				replaced++
			}
			corner = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
