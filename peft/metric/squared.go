package metric

import "github.com/gomlx/gomlx/core/tensors"

// MeanSquaredError is the mean of the squares of the differences between logits and labels, for regression. It takes "logits"
// [batch, 1] or [batch] with "labels" [batch] or [batch, 1], or both [batch, n]; it is in the square of the labels' unit. The
// zero value is ready to use.
type MeanSquaredError struct{ mean }

var _ Metric = (*MeanSquaredError)(nil)

// Name gives "mse".
func (*MeanSquaredError) Name() string { return "mse" }

// Better reports whether a is better than b: smaller.
func (*MeanSquaredError) Better(a, b float64) bool { return a < b }

// Add counts the first rows of a batch; see [Metric]. Errors match [ErrInput].
func (m *MeanSquaredError) Add(outputs, batch map[string]*tensors.Tensor, rows int) error {
	logits, err := get(outputs, "logits", rows)
	if err != nil {
		return err
	}
	labels, err := get(batch, "labels", rows)
	if err != nil {
		return err
	}
	// A column of logits stands beside a plain list of labels.
	if err := sameShape("labels", "logits", column(labels), column(logits)); err != nil {
		return err
	}
	got, err := floats("logits", logits, rows)
	if err != nil {
		return err
	}
	want, err := floats("labels", labels, rows)
	if err != nil {
		return err
	}
	var sum mean
	for i, label := range want {
		difference := got[i] - label
		sum.sum += difference * difference
		sum.count++
	}
	m.add(sum)
	return nil
}

// column is a tensor's shape, where [n] stands for [n, 1].
func column(t *tensors.Tensor) []int {
	if t.Rank() == 1 {
		return []int{t.Size(), 1}
	}
	return t.Shape().Dimensions
}
