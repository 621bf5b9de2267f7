package train

import (
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/metric"
)

// Task says how the labels of examples become batches, and what evaluations measure.
type Task interface {
	// Loader sets the options of the loader that makes batches of examples.
	Loader(o *data.Options) error
	// Metrics gives fresh metrics. The first of them decides which evaluation is best; where it is equal, or there is none,
	// the loss does.
	Metrics() []metric.Metric
}

// TaskFor gives the task of a backbone's head: with one output it predicts a number, with more it tells classes apart.
// A backbone without a head, and one whose head has no loss, are errors that match peft.ErrUnsupported.
func TaskFor(info peft.Info) (Task, error) {
	switch info.Head {
	case "sequence-classification":
		if len(info.Classes) == 1 {
			return Regression(), nil
		}
		return Classification(info.Classes...), nil
	case "seq2seq-lm":
		return Writing(), nil
	case "causal-lm":
		return Continuing(), nil
	case "ctc":
		return tensorsOnly{info.Head, func() []metric.Metric { return []metric.Metric{&metric.TokenErrors{Blank: info.Blank}} }}, nil
	case "token-classification", "masked-lm", "audio-classification", "image-classification":
		return tensorsOnly{info.Head, func() []metric.Metric { return []metric.Metric{new(metric.Accuracy)} }}, nil
	case "question-answering":
		return tensorsOnly{info.Head, func() []metric.Metric { return []metric.Metric{new(metric.SpanMatch)} }}, nil
	case "contrastive": // which has nothing but its loss
		return tensorsOnly{info.Head, func() []metric.Metric { return nil }}, nil
	}
	if info.Head == "" {
		return nil, fmt.Errorf("%w: the backbone has no head, and so no loss to train with: load it for a task, as with "+
			"models.Head(%q), or set Options.Loss", peft.ErrUnsupported, "sequence-classification")
	}
	return nil, fmt.Errorf("%w: the head of a backbone for %q has no loss: set Options.Loss", peft.ErrUnsupported, info.Head)
}

// Classification assigns texts to classes, given by their names in the order of the head's outputs. Examples carry the
// name or the index of a class; the accuracy is measured.
func Classification(labels ...string) Task { return classification{labels} }

type classification struct{ labels []string }

// check compares the classes with the head's.
func (c classification) check(info peft.Info) error {
	if _, err := data.NewIndex(c.labels); err != nil {
		return fmt.Errorf("%w: Task: Classification: %w", ErrOptions, err)
	}
	n := len(info.Classes)
	if n > 0 && len(c.labels) > n {
		return optionf("Task", "Classification has %d classes, and the backbone's head %d outputs", len(c.labels), n)
	}
	if own := slices.Sorted(slices.Values(c.labels)); !slices.Equal(c.labels, info.Classes) && slices.Equal(own, slices.Sorted(slices.Values(info.Classes))) {
		return optionf("Task", "Classification has the classes in the order %q, and the backbone in the order %q", c.labels, info.Classes)
	}
	return nil
}

func (c classification) Loader(o *data.Options) error {
	o.Target, o.Classes = data.Classification, c.labels
	return nil
}

func (classification) Metrics() []metric.Metric { return []metric.Metric{new(metric.Accuracy)} }

// Regression predicts a number. Examples carry one; the mean squared error is measured.
func Regression() Task { return regression{} }

type regression struct{}

func (regression) Loader(o *data.Options) error {
	o.Target = data.Regression
	return nil
}

func (regression) Metrics() []metric.Metric { return []metric.Metric{new(metric.MeanSquaredError)} }

// Writing trains an encoder-decoder to write a text for a text. Examples carry the text to be written as their label;
// measured is the share of its tokens that are guessed right from those before them.
func Writing() Task { return writing{} }

type writing struct{}

func (writing) Loader(o *data.Options) error {
	o.Target = data.Writing
	return nil
}

func (writing) Metrics() []metric.Metric { return []metric.Metric{new(metric.Accuracy)} }

// Continuing trains a decoder to go on with texts. Examples are whole texts, or carry as their label the text to be
// written behind theirs: see data.Continuing. Measured are the perplexity and the share of tokens that are guessed right
// from those before them.
func Continuing() Task { return continuing{} }

type continuing struct{}

func (continuing) Loader(o *data.Options) error {
	o.Target = data.Continuing
	return nil
}

func (continuing) Metrics() []metric.Metric {
	return []metric.Metric{new(metric.Perplexity), new(metric.NextToken)}
}

// Unlabelled makes batches without labels, for an Options.Loss that needs none, as in distillation. Nothing is measured
// but the loss. With an own loss it is the default for backbones that have no head, or one without a loss.
func Unlabelled() Task { return unlabelled{} }

type unlabelled struct{}

func (unlabelled) Loader(o *data.Options) error {
	o.Target = data.Unlabelled
	return nil
}

func (unlabelled) Metrics() []metric.Metric { return nil }

// tensorsOnly is a head whose batches come ready from tensors: its labels are no single class or number of a text.
type tensorsOnly struct {
	name    string
	metrics func() []metric.Metric
}

func (t tensorsOnly) Loader(*data.Options) error {
	return &peft.UnsupportedError{Option: fmt.Sprintf("training task %q from text examples", t.name)}
}

func (t tensorsOnly) Metrics() []metric.Metric { return t.metrics() }
