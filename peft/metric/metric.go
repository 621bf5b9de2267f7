package metric

import (
	"errors"

	"github.com/gomlx/gomlx/core/tensors"
)

// ignoreIndex is the label that is left out: data.IgnoreIndex.
const ignoreIndex = -100

// The errors of this package by their cause, to be tested with errors.Is.
var (
	// ErrNoExamples means that there is no value yet: nothing was added, or only labels that don't count.
	ErrNoExamples = errors.New("no examples to measure")
	// ErrInput means that a tensor is missing, has an unsuitable shape or type, or holds a value out of range or NaN. The
	// message names it.
	ErrInput = errors.New("cannot measure")
)

// Metric measures how good a model's outputs are over a set of examples that comes in batches: call Add for each batch, then
// Value. A metric must not be used by two goroutines at once.
type Metric interface {
	// Name gives the name under which records of a run hold the metric, such as "accuracy".
	Name() string
	// Add counts a batch. outputs are the results of the forward pass and batch its arguments, by their names in transformers
	// ("logits", "labels"). Only the first rows rows of each tensor count; those behind them fill the batch up. An error
	// matches ErrInput and leaves the metric as it was.
	Add(outputs, batch map[string]*tensors.Tensor, rows int) error
	// Value gives the metric over all batches since the start or the last Reset. Without any it is ErrNoExamples.
	Value() (float64, error)
	// Reset forgets all batches.
	Reset()
	// Better reports whether a is a better value than b: larger for an accuracy, smaller for an error.
	Better(a, b float64) bool
}

// mean is a running mean.
type mean struct {
	sum   float64
	count int
}

func (m *mean) add(n mean) { m.sum, m.count = m.sum+n.sum, m.count+n.count }

// Value gives the metric over all batches since the start or the last Reset. Without any it is [ErrNoExamples].
func (m *mean) Value() (float64, error) {
	if m.count == 0 {
		return 0, ErrNoExamples
	}
	return m.sum / float64(m.count), nil
}

// Reset forgets all batches.
func (m *mean) Reset() { *m = mean{} }
