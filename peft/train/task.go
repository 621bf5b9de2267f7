package train

import (
	"fmt"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/metric"
)

// Task says how a head's labels are read from examples and what is measured on its outputs.
type Task interface {
	// Loader sets what a loader of examples needs to know.
	Loader(o *data.Options) error
	// Metrics gives fresh metrics. The first decides which evaluation is best, the loss between equals and where there is
	// none.
	Metrics() []metric.Metric
}

// TaskFor gives the task of a backbone's head. Errors match peft.ErrUnsupported.
func TaskFor(info peft.Info) (Task, error) {
	switch info.Task {
	case "sequence-classification":
		if len(info.Labels) == 1 {
			return Regression(), nil
		}
		return Classification(info.Labels...), nil
	case "seq2seq-lm":
		return Writing(), nil
	case "causal-lm":
		return Continuing(), nil
	case "ctc":
		return tensorsOnly{info.Task, func() []metric.Metric { return []metric.Metric{&metric.TokenErrors{Blank: info.Blank}} }}, nil
	case "token-classification", "masked-lm", "audio-classification", "image-classification":
		return tensorsOnly{info.Task, func() []metric.Metric { return []metric.Metric{new(metric.Accuracy)} }}, nil
	case "question-answering":
		return tensorsOnly{info.Task, func() []metric.Metric { return []metric.Metric{new(metric.SpanMatch)} }}, nil
	case "contrastive": // which has nothing but its loss
		return tensorsOnly{info.Task, func() []metric.Metric { return nil }}, nil
	}
	return nil, &peft.UnsupportedError{Option: fmt.Sprintf("training a backbone with task %q: it has no loss", info.Task)}
}

// Classification assigns texts to classes, named by index. Examples carry a class's name or index.
func Classification(labels ...string) Task { return classification{labels} }

type classification struct{ labels []string }

func (c classification) Loader(o *data.Options) error {
	o.Task, o.Classes = data.Classification, c.labels
	return nil
}

func (classification) Metrics() []metric.Metric { return []metric.Metric{new(metric.Accuracy)} }

// Regression predicts a number. Examples carry one.
func Regression() Task { return regression{} }

type regression struct{}

func (regression) Loader(o *data.Options) error {
	o.Task = data.Regression
	return nil
}

func (regression) Metrics() []metric.Metric { return []metric.Metric{new(metric.MeanSquaredError)} }

// Writing gives texts for texts. Examples carry the one to be written as their label; what is measured is the share of its
// tokens that are guessed behind those before them.
func Writing() Task { return writing{} }

type writing struct{}

func (writing) Loader(o *data.Options) error {
	o.Task = data.Writing
	return nil
}

func (writing) Metrics() []metric.Metric { return []metric.Metric{new(metric.Accuracy)} }

// Continuing trains a decoder on texts, or to write labels, which are texts, behind texts: see data.Continuing. What is
// measured is the perplexity and the share of tokens that are guessed behind those before them.
func Continuing() Task { return continuing{} }

type continuing struct{}

func (continuing) Loader(o *data.Options) error {
	o.Task = data.Continuing
	return nil
}

func (continuing) Metrics() []metric.Metric {
	return []metric.Metric{new(metric.Perplexity), new(metric.NextToken)}
}

// tensorsOnly is a head whose batches come ready from tensors: its labels are no single class or number of a text.
type tensorsOnly struct {
	name    string
	metrics func() []metric.Metric
}

func (t tensorsOnly) Loader(*data.Options) error {
	return &peft.UnsupportedError{Option: fmt.Sprintf("training task %q from text examples", t.name)}
}

func (t tensorsOnly) Metrics() []metric.Metric { return t.metrics() }
