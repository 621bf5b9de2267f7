package metric

import "github.com/gomlx/gomlx/core/tensors"

// Accuracy is the share of labels that the largest logit hits, for the classification of sequences ("logits" [batch,
// classes], "labels" [batch]) or of tokens ("logits" [batch, sequence, classes], "labels" [batch, sequence]). Of equal
// logits the first counts. An adapter's virtual tokens may have columns in front of the tokens', which are left out. Labels of [ignoreIndex] are left out; others outside 0..classes-1 are an error. The zero
// value is ready.
type Accuracy struct{ mean }

var _ Metric = (*Accuracy)(nil)

// Name is "accuracy".
func (*Accuracy) Name() string { return "accuracy" }

// Better reports whether a is larger.
func (*Accuracy) Better(a, b float64) bool { return a > b }

// Add takes a batch in.
func (m *Accuracy) Add(outputs, batch map[string]*tensors.Tensor, rows int) error {
	logits, err := get(outputs, "logits", rows)
	if err != nil {
		return err
	}
	labels, err := get(batch, "labels", rows)
	if err != nil {
		return err
	}
	shape := logits.Shape().Dimensions
	last := len(shape) - 1
	behind := 0 // columns in front of a row's labels
	if d := labels.Shape().Dimensions; len(shape) == 3 && len(d) == 2 && shape[1] > d[1] {
		behind = shape[1] - d[1]
		shape = []int{shape[0], d[1], shape[2]}
	}
	if err := sameShape("labels", "logits without classes", labels.Shape().Dimensions, shape[:last]); err != nil {
		return err
	}
	classes := shape[last]
	scores, err := floats("logits", logits, rows)
	if err != nil {
		return err
	}
	want, err := ints("labels", labels, rows)
	if err != nil {
		return err
	}
	var sum mean
	for i, label := range want {
		if label == ignoreIndex {
			continue
		}
		if label < 0 || label >= classes {
			return inputf("labels", "value %d at %d is outside 0..%d", label, i, classes-1)
		}
		sum.count++
		at := i
		if behind > 0 {
			at += (i/shape[1] + 1) * behind
		}
		if largest(scores[at*classes:(at+1)*classes]) == label {
			sum.sum++
		}
	}
	m.add(sum)
	return nil
}
