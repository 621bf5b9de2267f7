package metric

import (
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// NextToken is the accuracy of a causal language model: the share of tokens that have the largest logit at the position before
// them. It takes "logits" [batch, columns, vocabulary] and "labels" [batch, tokens], which it shifts by one position as the
// model's loss does, so the first token of a row does not count.
//
// Labels are token ids, int32 or int64; -100 (data.IgnoreIndex) is left out, and other values outside 0..vocabulary-1 are an
// error. Of equal logits the first wins. If there are more columns of logits than labels, those in front belong to the virtual
// tokens of a prompt, of which the last predicts the first token. The zero value is ready to use.
type NextToken struct{ mean }

var _ Metric = (*NextToken)(nil)

// Name gives "accuracy".
func (*NextToken) Name() string { return "accuracy" }

// Better reports whether a is better than b: larger.
func (*NextToken) Better(a, b float64) bool { return a > b }

// Add counts the first rows of a batch; see [Metric]. Errors match [ErrInput].
func (m *NextToken) Add(outputs, batch map[string]*tensors.Tensor, rows int) error {
	return m.eachNext(outputs, batch, rows, func(logits []float64, label int) float64 {
		if largest(logits) == label {
			return 1
		}
		return 0
	})
}

// Perplexity says how well a causal language model predicts a text: e to the power of the mean, over tokens, of minus the
// natural logarithm of the probability that the model gave the token. It is 1 for perfect predictions and the size of the
// vocabulary for a model that thinks all tokens equally likely; smaller is better. It takes the same tensors as [NextToken],
// and every token has the same weight, whatever batch it is in. The zero value is ready to use.
type Perplexity struct{ mean }

var _ Metric = (*Perplexity)(nil)

// Name gives "perplexity".
func (*Perplexity) Name() string { return "perplexity" }

// Better reports whether a is better than b: smaller.
func (*Perplexity) Better(a, b float64) bool { return a < b }

// Value gives the perplexity over the tokens of all batches since the start or the last Reset, at most the largest float64.
// Without any token it is [ErrNoExamples].
func (m *Perplexity) Value() (float64, error) {
	surprise, err := m.mean.Value()
	if err != nil {
		return 0, err
	}
	return min(math.Exp(surprise), math.MaxFloat64), nil // records hold no infinity
}

// Add counts the first rows of a batch; see [Metric]. Errors match [ErrInput].
func (m *Perplexity) Add(outputs, batch map[string]*tensors.Tensor, rows int) error {
	return m.eachNext(outputs, batch, rows, func(logits []float64, label int) float64 {
		top, sum := logits[largest(logits)], 0.0
		for _, x := range logits {
			sum += math.Exp(x - top)
		}
		return math.Log(sum) + top - logits[label]
	})
}

// eachNext adds a number for every label that counts, from the logits that foretell it.
func (m *mean) eachNext(outputs, batch map[string]*tensors.Tensor, rows int, number func(logits []float64, label int) float64) error {
	logits, err := get(outputs, "logits", rows)
	if err != nil {
		return err
	}
	labels, err := get(batch, "labels", rows)
	if err != nil {
		return err
	}
	shape, width := logits.Shape().Dimensions, labels.Shape().Dimensions
	if len(shape) != 3 {
		return inputf("logits", "has shape %v, want [batch, columns, vocabulary]", shape)
	}
	if len(width) != 2 || width[0] != shape[0] || width[1] > shape[1] {
		return inputf("labels", "has shape %v, which does not fit logits of %v", width, shape)
	}
	scores, err := floats("logits", logits, rows)
	if err != nil {
		return err
	}
	want, err := ints("labels", labels, rows)
	if err != nil {
		return err
	}
	columns, vocab, tokens := shape[1], shape[2], width[1]
	var sum mean
	for i, label := range want {
		if label == ignoreIndex {
			continue
		}
		if label < 0 || label >= vocab {
			return inputf("labels", "value %d at %d is outside 0..%d", label, i, vocab-1)
		}
		before := columns - tokens + i%tokens - 1
		if before < 0 {
			continue
		}
		at := (i/tokens*columns + before) * vocab
		sum.add(mean{number(scores[at:at+vocab], label), 1})
	}
	m.add(sum)
	return nil
}
