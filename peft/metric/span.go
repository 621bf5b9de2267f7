package metric

import "github.com/gomlx/gomlx/core/tensors"

// SpanMatch is the share of questions whose answer is found exactly, for extractive question answering: the predicted first
// and last token must both be right. It takes "start_logits" and "end_logits" [batch, sequence] and, int32 or int64,
// "start_positions" and "end_positions" [batch].
//
// The prediction is the span with the largest sum of its start and end logit that does not end before it starts (Devlin et
// al. 2018, section 4.2); of equal ones the one that ends first, then the one that starts first. Questions whose positions
// are negative or beyond the sequence, because the answer is unknown or was cut off, are left out. It compares positions, not
// text, so it is stricter than the exact match of SQuAD, which ignores case, articles and punctuation. The zero value is
// ready to use.
type SpanMatch struct{ mean }

var _ Metric = (*SpanMatch)(nil)

// Name gives "exact_match".
func (*SpanMatch) Name() string { return "exact_match" }

// Better reports whether a is better than b: larger.
func (*SpanMatch) Better(a, b float64) bool { return a > b }

// Add counts the first rows of a batch; see [Metric]. Errors match [ErrInput].
func (m *SpanMatch) Add(outputs, batch map[string]*tensors.Tensor, rows int) error {
	starts, length, err := spanLogits(outputs, "start_logits", rows)
	if err != nil {
		return err
	}
	ends, endLength, err := spanLogits(outputs, "end_logits", rows)
	if err != nil {
		return err
	}
	if length != endLength {
		return inputf("end_logits", "are of %d tokens, start_logits of %d", endLength, length)
	}
	first, err := spanPositions(batch, "start_positions", rows)
	if err != nil {
		return err
	}
	last, err := spanPositions(batch, "end_positions", rows)
	if err != nil {
		return err
	}
	var sum mean
	for row := range rows {
		if min(first[row], last[row]) < 0 || max(first[row], last[row]) >= length {
			continue
		}
		sum.count++
		from, to := row*length, (row+1)*length
		if start, end := bestSpan(starts[from:to], ends[from:to]); start == first[row] && end == last[row] {
			sum.sum++
		}
	}
	m.add(sum)
	return nil
}

// bestSpan goes through the ends once, keeping the best start so far.
func bestSpan(starts, ends []float64) (start, end int) {
	best := 0
	for i := range ends {
		if starts[i] > starts[best] {
			best = i
		}
		if starts[best]+ends[i] > starts[start]+ends[end] {
			start, end = best, i
		}
	}
	return start, end
}

func spanLogits(outputs map[string]*tensors.Tensor, name string, rows int) (flat []float64, length int, err error) {
	t, err := get(outputs, name, rows)
	if err != nil {
		return nil, 0, err
	}
	if t.Rank() != 2 || t.Shape().Dimensions[1] == 0 {
		return nil, 0, inputf(name, "has shape %v, want [batch, sequence]", t.Shape().Dimensions)
	}
	flat, err = floats(name, t, rows)
	return flat, t.Shape().Dimensions[1], err
}

func spanPositions(batch map[string]*tensors.Tensor, name string, rows int) ([]int, error) {
	t, err := get(batch, name, rows)
	if err != nil {
		return nil, err
	}
	if t.Rank() != 1 {
		return nil, inputf(name, "has shape %v, want [batch]", t.Shape().Dimensions)
	}
	return ints(name, t, rows)
}
