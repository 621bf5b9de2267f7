package train

import (
	"context"
	"fmt"
	"time"

	"github.com/gopeft/gopeft/peft/data"
)

// run is the state of one Fit.
type run struct {
	*Trainer
	*stepper
	source      data.Source
	evalSource  data.Source             // nil evaluates nothing
	perEpoch    int                     // batches
	total       int                     // steps there will be
	betterValue func(a, b float64) bool // of what EarlyStopping watches; nil without

	group     group // the batches of the next step
	warned    int   // of what the method found between steps
	evaluated int   // the step that was last evaluated
	best      *bestOf
	patience  *patience // nil before the first evaluation, and without EarlyStopping
	report    Report
	tokens    int
	busy      time.Duration // in steps
	before    time.Duration // of the parts of the run before this one
	began     time.Time

	folder *folder // nil without Options.Out
	saved  savedAt
}

// group gathers what the record of a step tells of its batches.
type group struct {
	loss   float64 // sum
	tokens int
	took   time.Duration
}

// savedAt says which state the newest checkpoint holds.
type savedAt struct {
	step  int
	ended Ended
}

// newRun refuses all that can be refused before the first step.
func (t *Trainer) newRun(src data.Source) (*run, error) {
	r := &run{Trainer: t, source: src, perEpoch: src.NumBatches(), evalSource: t.opts.EvalSource, began: time.Now()}
	if r.perEpoch < 1 {
		return nil, data.ErrEmpty
	}
	r.total = t.opts.steps(r.perEpoch)
	if err := t.opts.Schedule.Validate(r.total); err != nil {
		return nil, err
	}
	var err error
	if t.opts.Eval != nil {
		r.evalSource, err = t.loader(t.opts.Eval, false)
	} else if r.evalSource != nil && r.evalSource.NumBatches() < 1 {
		err = data.ErrEmpty
	}
	if err != nil {
		return nil, fmt.Errorf("evaluation data: %w", err)
	}
	if r.opts.EarlyStopping != nil {
		task, err := t.task()
		if err != nil {
			return nil, err
		}
		if r.betterValue, err = r.opts.EarlyStopping.comparison(task.Metrics()); err != nil {
			return nil, err
		}
	}
	r.stepper, err = newStepper(t.adapted, t.name, &t.opts, t.objective, r.total)
	return r, err
}

func (r *run) fit(ctx context.Context) (report *Report, err error) {
	defer func() {
		if cerr := r.folder.close(); err == nil && cerr != nil {
			report, err = nil, cerr
		}
	}()
	if err := r.open(); err != nil {
		return nil, err
	}
	if err := r.loop(ctx); err != nil {
		return nil, r.abandon(ctx, err)
	}
	return r.finish()
}

func (r *run) loop(ctx context.Context) error {
	// A run may have been stopped between a step and its evaluation.
	if err := r.settle(ctx); err != nil {
		return err
	}
	for r.report.Ended == "" {
		done := r.step*r.every + r.inStep
		if err := r.epoch(ctx, done/r.perEpoch, done%r.perEpoch); err != nil {
			return err
		}
	}
	return nil
}

// epoch trains on the batches of an epoch from one on.
func (r *run) epoch(ctx context.Context, epoch, from int) error {
	for batch, err := range r.source.Epoch(epoch, from) {
		if err != nil {
			return err
		}
		if err := r.one(ctx, epoch, batch); err != nil {
			return err
		}
		if err := r.settle(ctx); err != nil || r.report.Ended != "" {
			return err
		}
		from++
	}
	if from != r.perEpoch {
		return fmt.Errorf("%w: epoch %d has %d batches, where the source promised %d", ErrOptions, epoch, from, r.perEpoch)
	}
	return nil
}

// one runs a batch, and tells about the step that it ends.
func (r *run) one(ctx context.Context, epoch int, batch data.Batch) error {
	lr := r.opts.Optimizer.Rate() * r.opts.Schedule.Factor(r.step, r.total)
	start := time.Now()
	loss, norm, err := r.stepper.run(ctx, batch, lr)
	if err != nil {
		return err
	}
	g := &r.group
	g.loss, g.tokens, g.took = g.loss+loss, g.tokens+batch.Tokens, g.took+time.Since(start)
	if r.inStep > 0 {
		return nil
	}
	r.warn()
	rec := Step{
		Step: r.step, Epoch: epoch, Loss: g.loss / float64(r.every), LR: lr, GradNorm: norm,
		TokensPerSec: float64(g.tokens) / g.took.Seconds(), Total: r.total,
	}
	r.tokens, r.busy, r.report.Loss, r.group = r.tokens+g.tokens, r.busy+g.took, rec.Loss, group{}
	if r.opts.Logger != nil {
		r.opts.Logger.Debug("step", "step", rec.Step, "loss", rec.Loss, "lr", lr, "grad_norm", norm)
	}
	if err := r.folder.step(rec); err != nil {
		return err
	}
	if r.opts.OnStep != nil {
		return r.heed("OnStep", r.opts.OnStep(rec))
	}
	return nil
}
