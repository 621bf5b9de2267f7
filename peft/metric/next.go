package metric

import (
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// NextToken is the share of tokens that a causal language model guesses behind those before them: of "logits" [batch,
// columns, vocabulary] a column's largest is held to the label after it in "labels" [batch, tokens], as in the model's
// loss. An adapter's virtual tokens may have columns in front of the tokens', and the last of them foretells the first
// label; else nothing does. Of equal logits the first counts. Labels of [ignoreIndex] are left out; others outside
// 0..vocabulary-1 are an error. The zero value is ready.
type NextToken struct{ mean }

var _ Metric = (*NextToken)(nil)

// Name is "accuracy".
func (*NextToken) Name() string { return "accuracy" }

// Better reports whether a is larger.
func (*NextToken) Better(a, b float64) bool { return a > b }

// Add takes a batch in.
func (m *NextToken) Add(outputs, batch map[string]*tensors.Tensor, rows int) error {
	return m.eachNext(outputs, batch, rows, func(logits []float64, label int) float64 {
		if largest(logits) == label {
			return 1
		}
		return 0
	})
}

// Perplexity is e to the power of the mean of -log p over tokens, where p is the probability that a causal language
// model gave the token: the number of tokens among which it is as unsure as if they were equally likely. Every token
// weighs the same, whatever batch it is in. It takes what [NextToken] takes. The zero value is ready.
type Perplexity struct{ mean }

var _ Metric = (*Perplexity)(nil)

// Name is "perplexity".
func (*Perplexity) Name() string { return "perplexity" }

// Better reports whether a is smaller.
func (*Perplexity) Better(a, b float64) bool { return a < b }

// Value is the perplexity over all tokens, or ErrNoExamples.
func (m *Perplexity) Value() (float64, error) {
	surprise, err := m.mean.Value()
	if err != nil {
		return 0, err
	}
	return min(math.Exp(surprise), math.MaxFloat64), nil // records hold no infinity
}

// Add takes a batch in.
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
