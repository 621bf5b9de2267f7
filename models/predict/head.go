package predict

import (
	"context"
	"slices"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Tasks of backbones, as peft.Info has them.
const (
	bare                = ""
	encoderOnly         = "encoder"
	sequenceClass       = "sequence-classification"
	tokenClass          = "token-classification"
	questionAnswering   = "question-answering"
	maskedLM            = "masked-lm"
	imageClass          = "image-classification"
	audioClass          = "audio-classification"
	speechText          = "ctc"
	textEmbedding       = "text-embedding"
	classesAreSeparate  = "multi_label_classification"
	classesAreExclusive = "single_label_classification"
	classesAreNumbers   = "regression"
)

// wants checks what a method is called with: a context, a backbone with the head that it needs, and inputs, as many as a
// selection by rows has rows. It gives an error before anything runs.
func (p *Predictor) wants(ctx context.Context, sel peft.Selection, n int, method string, tasks ...string) error {
	switch {
	case ctx == nil:
		return seam.Inputf("ctx", "is nil")
	case p == nil || p.adapted == nil:
		return seam.Inputf("predictor", "is not made by predict.New")
	case !slices.Contains(tasks, p.info.Head):
		model := p.info.Architecture
		if model == "" {
			model = p.info.ModelType
		}
		return &HeadError{Method: method, Model: model, Head: p.info.Head, Want: tasks}
	case n == 0:
		return seam.Inputf("inputs", "are missing: there is nothing to predict")
	}
	if rows, ok := sel.NumRows(); ok && rows != n {
		return seam.Inputf("selection", "chooses adapters for %d rows, but there are %d inputs", rows, n)
	}
	return nil
}

// namesByInput gives the class names of each input, which differ where a selection by rows names adapters with classes of
// their own.
func (p *Predictor) namesByInput(sel peft.Selection, n int) (func(input int) []string, error) {
	if _, ok := sel.NumRows(); !ok {
		info, err := p.adapted.Info(sel)
		return func(int) []string { return info.Classes }, err
	}
	known := map[string][]string{}
	for i := range n {
		row := sel.Row(i)
		if _, ok := known[row.String()]; ok {
			continue
		}
		info, err := p.adapted.Info(row)
		if err != nil {
			return nil, err
		}
		known[row.String()] = info.Classes
	}
	return func(i int) []string { return known[sel.Row(i).String()] }, nil
}
