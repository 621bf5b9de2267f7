package metric

import "github.com/gomlx/gomlx/core/tensors"

// Accuracy is the share of labels that the model predicts, where its prediction is the class with the largest logit. It is for
// the classification of sequences, with "logits" of shape [batch, classes] and "labels" of shape [batch], and of tokens, with
// "logits" [batch, sequence, classes] and "labels" [batch, sequence].
//
// Labels are numbers of classes, int32 or int64; -100 (data.IgnoreIndex) is left out, and other values outside
// 0..classes-1 are an error. Of equal logits the first wins. If there are more columns of logits than of labels, as with the
// virtual tokens of a prompt, those in front are left out. The zero value is ready to use.
type Accuracy struct{ mean }

var _ Metric = (*Accuracy)(nil)

// Name gives "accuracy".
func (*Accuracy) Name() string { return "accuracy" }

// Better reports whether a is better than b: larger.
func (*Accuracy) Better(a, b float64) bool { return a > b }

// Add counts the first rows of a batch; see [Metric]. Errors match [ErrInput].
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
