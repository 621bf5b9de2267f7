package metric

import (
	"errors"

	"github.com/gomlx/gomlx/core/tensors"
)

// ignoreIndex is the label that is left out, as in torch.
const ignoreIndex = -100

var (
	// ErrNoExamples is the value of a metric to which nothing that counts was added.
	ErrNoExamples = errors.New("no examples to measure")
	// ErrInput is a tensor that is missing, of a shape or dtype that doesn't fit, out of range or NaN.
	ErrInput = errors.New("cannot measure")
)

// Metric is a number over a set of examples, given in batches. One metric must not be used by two goroutines at once.
type Metric interface {
	// Name is the metric's name in records, such as "accuracy".
	Name() string
	// Add takes a batch in: outputs are forward's results and batch its arguments, by their names in transformers; the
	// first rows along their first axis are real. An error matches ErrInput, names the tensor and leaves the metric
	// as it was.
	Add(outputs, batch map[string]*tensors.Tensor, rows int) error
	// Value is the metric over all that was added since the start or Reset, or ErrNoExamples.
	Value() (float64, error)
	// Reset forgets all that was added.
	Reset()
	// Better reports whether a is a better value than b.
	Better(a, b float64) bool
}

// mean is a running mean.
type mean struct {
	sum   float64
	count int
}

func (m *mean) add(n mean) { m.sum, m.count = m.sum+n.sum, m.count+n.count }

// Value is the mean of what was added, or ErrNoExamples.
func (m *mean) Value() (float64, error) {
	if m.count == 0 {
		return 0, ErrNoExamples
	}
	return m.sum / float64(m.count), nil
}

// Reset forgets all that was added.
func (m *mean) Reset() { *m = mean{} }
