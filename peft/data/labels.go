package data

import "slices"

// readLabels checks the labels of all examples and keeps the numbers of those that have one.
func (l *Loader) readLabels() error {
	var read func(Label) error
	switch l.options.Target {
	case Unlabelled:
		return nil
	case Classification:
		index, err := NewIndex(l.options.Classes)
		if err != nil {
			return err
		}
		read = func(label Label) error {
			class, err := index.Find(label)
			l.classes = append(l.classes, int32(class))
			return err
		}
	case Regression:
		read = func(label Label) error {
			x, ok := label.Number()
			if !ok {
				return l.noNumber(label)
			}
			l.numbers = append(l.numbers, float32(x))
			return nil
		}
	case Writing:
		read = func(label Label) error {
			if label.kind != Word {
				return faultf(ErrLabel, "is %s, want a text: the task is Writing", label.kind)
			}
			return nil
		}
	case Continuing:
		read = func(label Label) error {
			if label.kind != Word && label.kind != NoLabel {
				return faultf(ErrLabel, "is %s, want a text or nothing: the task is Continuing", label.kind)
			}
			return nil
		}
	default:
		return faultf(ErrOption, "Target: %d is none of the targets", l.options.Target)
	}
	for i, ex := range l.examples {
		if err := read(ex.Label); err != nil {
			return &ExampleError{Place: place(l.examples, i), Field: "label", Err: err}
		}
	}
	return nil
}

// noNumber says why a label does not suit a regression. A data set with one class ends there too, as a model that gives one
// value is one for regression.
func (l *Loader) noNumber(label Label) error {
	if label.kind != Word {
		return faultf(ErrLabel, "is %s, want a number: the task is regression", label.kind)
	}
	other := func(ex Example) bool { return ex.Label != label }
	if slices.ContainsFunc(l.examples, other) {
		return faultf(ErrLabel, "%q is the name of a class, want a number: the task is regression, not classification", label)
	}
	return faultf(ErrLabel, "%q is the name of a class, want a number: the task is regression. "+
		"All examples have this one class, and a model with one class predicts a number: to classify, name two classes or more", label)
}
