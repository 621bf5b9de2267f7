package main

import (
	"context"
	"fmt"
	"io"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/train"
)

// point is an accuracy on the evaluation sentences, in per cent, after so many steps.
type point struct {
	step     int
	accuracy float64
}

// curve is how one backbone learned.
type curve struct {
	name   string
	losses []float64 // by step
	points []point   // the first before training
}

func (c *curve) before() float64 { return c.points[0].accuracy }
func (c *curve) after() float64  { return c.points[len(c.points)-1].accuracy }

// learn trains the adapter and evaluates it before, and after each epoch.
func (m *material) learn(ctx context.Context, adapted *peft.Adapted, name string, p progress) (*curve, error) {
	out := &curve{name: name}
	note := func(e train.Evaluation) { out.points = append(out.points, point{e.Step, 100 * e.Metrics["accuracy"]}) }
	trainer, err := train.New(adapted, train.Options{
		Task: train.Classification(m.labels...), Optimizer: optim.AdamW{LR: 5e-3}, Schedule: optim.Linear{Warmup: 0.1},
		BatchSize: batchSize, MaxLength: m.length, Epochs: m.epochs, Seed: seed, EvalSource: m.evalSource, KeepLast: true, Tokenizer: m.tokenizer,
		OnStep: func(s train.Step) error {
			out.losses = append(out.losses, s.Loss)
			return p.step(s)
		},
		OnEval: func(e train.Evaluation) error {
			note(e)
			return nil
		},
	})
	if err != nil {
		return nil, err
	}
	e, err := trainer.EvaluateSource(ctx, m.evalSource)
	if err != nil {
		return nil, err
	}
	note(*e)
	_, err = trainer.Fit(ctx, m.train)
	if perr := p.end(); err == nil {
		err = perr
	}
	return out, err
}

// compare tells what pretraining was worth: a backbone that helps less than random weights would show here.
func (m *material) compare(w io.Writer, pretrained, random curve, adapted *peft.Adapted) {
	fmt.Fprintf(w, "accuracy        %8s  %8s\n", "before", "after")
	for _, c := range []curve{pretrained, random} {
		fmt.Fprintf(w, "  %-14s%6.1f %%  %6.1f %%\n", c.name, c.before(), c.after())
	}
	gain, verdict := pretrained.after()-random.after(), "positive transfer"
	if gain < 0 {
		verdict = "negative transfer: this backbone does not help with these data"
	}
	fmt.Fprintf(w, "  %-14s%21.1f points, %s\n", "difference", gain, verdict)
	trainable, total := adapted.NumTrainable(), adapted.NumTotal()
	fmt.Fprintf(w, "trained         %s of %s parameters, %.2f %%\n", thousands(trainable), thousands(total), 100*float64(trainable)/float64(total))
}

// thousands writes a number with its digits in threes.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
