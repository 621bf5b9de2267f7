package predict

import (
	"context"
	"fmt"

	"github.com/gopeft/gopeft/internal/softmax"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Prediction is the likeliest of several classes.
type Prediction struct {
	Class       string  // its name
	Index       int     // its index
	Probability float64 // in 0..1
	Scores      []Score // every class, by index
}

// Score is a class with its probability.
type Score struct {
	Class       string
	Probability float64 // in 0..1
}

// Classes gives each input the likeliest of the head's classes, with the probabilities of all of them, which sum to 1
// (softmax of the logits). Names are those that the selected adapters bring, else the backbone's. The backbone classifies
// such inputs, one class each: for several classes see MultiLabel, for numbers Numbers.
func (p *Predictor) Classes(ctx context.Context, sel peft.Selection, in Inputs) ([]Prediction, error) {
	p = p.now()
	out := make([]Prediction, sizeOf(in))
	err := p.logits(ctx, sel, in, "Classes", classesAreExclusive, func(i int, names []string, logits []float32) error {
		out[i] = predicted(names, softmax.Of(logits))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Labelling is the classes that an input has, of classes that don't exclude each other.
type Labelling struct {
	Classes []string // those whose probability is at least Options.Threshold, by index
	Scores  []Score  // every class, by index
}

// MultiLabel gives each input the classes that it has, any number of them: each class has a probability of its own (sigmoid of
// its logit). The backbone was trained so: its config says problem_type "multi_label_classification", or nothing.
func (p *Predictor) MultiLabel(ctx context.Context, sel peft.Selection, in Inputs) ([]Labelling, error) {
	p = p.now()
	out := make([]Labelling, sizeOf(in))
	err := p.logits(ctx, sel, in, "MultiLabel", classesAreSeparate, func(i int, names []string, logits []float32) error {
		for j, x := range logits {
			s := Score{Class: names[j], Probability: sigmoid(float64(x))}
			out[i].Scores = append(out[i].Scores, s)
			if s.Probability >= p.options.threshold() {
				out[i].Classes = append(out[i].Classes, s.Class)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Numbers gives each input the head's numbers, one for each of its outputs. The backbone was trained for regression: its
// config says problem_type "regression", or its head has one output.
func (p *Predictor) Numbers(ctx context.Context, sel peft.Selection, in Inputs) ([][]float64, error) {
	p = p.now()
	out := make([][]float64, sizeOf(in))
	err := p.logits(ctx, sel, in, "Numbers", classesAreNumbers, func(i int, _ []string, logits []float32) error {
		for _, x := range logits {
			out[i] = append(out[i], float64(x))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// sizeOf counts inputs that may be nil.
func sizeOf(in Inputs) int {
	if in == nil {
		return 0
	}
	return in.size()
}

// logits runs the inputs and hands on the logits of each, with the names of its classes. problem is what the method takes
// classes for.
func (p *Predictor) logits(ctx context.Context, sel peft.Selection, in Inputs, method, problem string,
	use func(i int, names []string, logits []float32) error,
) error {
	if in == nil {
		return seam.Inputf("inputs", "are nil")
	}
	if err := p.wants(ctx, sel, in.size(), method+" of "+in.kind(), in.task()); err != nil {
		return err
	}
	if err := p.suits(method, problem); err != nil {
		return err
	}
	names, err := p.namesByInput(sel, in.size())
	if err != nil {
		return err
	}
	batches, err := in.batches(ctx, p, sel)
	if err != nil {
		return err
	}
	return p.forward(ctx, sel, batches, func(b batch, outputs peft.Tensors) error {
		out, err := read(outputs, "logits")
		if err != nil {
			return err
		}
		for row, i := range b.of {
			logits, err := out.row(row)
			if err == nil {
				err = fits(names(i), len(logits))
			}
			if err == nil {
				err = use(i, names(i), logits)
			}
			if err != nil {
				return fmt.Errorf("input %d: %w", i, err)
			}
		}
		return nil
	})
}

// suits compares what a method takes the head's classes for with what the config says: transformers' rule is that one
// class without a problem_type is a number.
func (p *Predictor) suits(method, problem string) error {
	is := p.problem
	if is == "" && len(p.info.Classes) == 1 {
		is = classesAreNumbers
	}
	if is == problem || is == "" && problem != classesAreNumbers {
		return nil
	}
	use := map[string]string{classesAreExclusive: "Classes", classesAreSeparate: "MultiLabel", classesAreNumbers: "Numbers"}
	if is == "" {
		return fmt.Errorf("%w: %w: %s asks for regression, but the head has %d classes and its config no problem_type", ErrModel, peft.ErrInput,
			method, len(p.info.Classes))
	}
	return fmt.Errorf("%w: %w: %s asks for %s, but the head %s is for %s: see %s", ErrModel, peft.ErrInput, method, problem, p.info.Head, is, use[is])
}

// fits wants a name for each class.
func fits(names []string, classes int) error {
	if len(names) != classes {
		return modelf("its head has %d classes, but %d names: %q", classes, len(names), names)
	}
	return nil
}

// predicted makes a prediction of probabilities.
func predicted(names []string, probabilities []float64) Prediction {
	out := Prediction{Scores: make([]Score, len(probabilities))}
	for i, x := range probabilities {
		out.Scores[i] = Score{Class: names[i], Probability: x}
		if x > out.Probability {
			out.Index, out.Probability = i, x
		}
	}
	out.Class = names[out.Index]
	return out
}
