package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gopeft/gopeft/peft/data"
)

// run is the state of one Fit.
type run struct {
	*Trainer
	*stepper
	source     data.Source
	evalSource data.Source // nil evaluates nothing
	perEpoch   int         // batches
	total      int         // steps there will be
	updates    int         // of the optimiser, likewise

	evaluated int // the step that was last evaluated
	best      *bestOf
	report    Report
	tokens    int
	busy      time.Duration // in steps
	before    time.Duration // of the parts of the run before this one
	began     time.Time

	folder *folder // nil without Options.Out
	saved  int     // the step of the newest checkpoint
}

// newRun refuses all that can be refused before the first step.
func (t *Trainer) newRun(src data.Source) (*run, error) {
	r := &run{Trainer: t, source: src, perEpoch: src.NumBatches(), evalSource: t.opts.EvalSource, began: time.Now()}
	r.total, r.updates = t.opts.steps(r.perEpoch)
	if err := t.opts.Schedule.Validate(r.updates); err != nil {
		return nil, err
	}
	var err error
	if t.opts.Eval != nil {
		if r.evalSource, err = t.loader(t.opts.Eval, false); err != nil {
			return nil, fmt.Errorf("evaluation data: %w", err)
		}
	}
	r.stepper, err = newStepper(t.adapted, t.name, t.opts.transform(), t.opts.Seed)
	return r, err
}

func (r *run) fit(ctx context.Context) (report *Report, err error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	defer func() {
		if cerr := r.folder.close(); err == nil && cerr != nil {
			report, err = nil, cerr
		}
	}()
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
	for r.step < r.total {
		if err := r.epoch(ctx, r.step/r.perEpoch, r.step%r.perEpoch); err != nil {
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
		if err := r.settle(ctx); err != nil || r.step == r.total {
			return err
		}
	}
	if r.step != (epoch+1)*r.perEpoch {
		return fmt.Errorf("%w: epoch %d has %d batches, where the source promised %d",
			ErrOptions, epoch, r.step-epoch*r.perEpoch, r.perEpoch)
	}
	return nil
}

// one does a step and tells about it.
func (r *run) one(ctx context.Context, epoch int, batch data.Batch) error {
	lr := r.opts.Optimizer.Rate() * r.opts.Schedule.Factor(r.step/r.opts.Accumulate, r.updates)
	start := time.Now()
	loss, norm, err := r.stepper.run(ctx, batch.Tensors, lr)
	if err != nil {
		return err
	}
	took := time.Since(start)
	r.tokens += batch.Tokens
	r.busy += took
	r.report.Loss = loss
	rec := Step{
		Step: r.step, Epoch: epoch, Loss: loss, LR: lr, GradNorm: norm,
		TokensPerSec: float64(batch.Tokens) / took.Seconds(), Total: r.total,
	}
	if r.opts.Logger != nil {
		r.opts.Logger.Debug("step", "step", rec.Step, "loss", loss, "lr", lr, "grad_norm", norm)
	}
	if err := r.folder.step(rec); err != nil {
		return err
	}
	if r.opts.OnStep != nil {
		return r.opts.OnStep(rec)
	}
	return nil
}

// settle evaluates and saves what is due after a step.
func (r *run) settle(ctx context.Context) error {
	if r.step == 0 {
		return nil
	}
	every := r.opts.EvalEvery
	if every == 0 {
		every = r.perEpoch
	}
	last := r.step == r.total
	if r.evalSource != nil && r.evaluated != r.step && (last || r.step%every == 0) {
		if err := r.evaluate(ctx); err != nil {
			return err
		}
	}
	if n := r.opts.CheckpointEvery; last || n > 0 && r.step%n == 0 {
		return r.checkpoint()
	}
	return nil
}

// abandon publishes the values of the last whole step before an error is passed on, and saves them where it was the
// context that ended. Values that led to a breakdown are nothing to keep.
func (r *run) abandon(ctx context.Context, err error) error {
	if errors.Is(err, ErrNotFinite) {
		return err
	}
	if perr := r.publish(); perr != nil {
		return fmt.Errorf("%w (and the adapter could not be published: %v)", err, perr)
	}
	if ctx.Err() == nil {
		return err
	}
	if serr := r.checkpoint(); serr != nil {
		return fmt.Errorf("stopped after step %d of %d and not saved: %w (%w)", r.step, r.total, serr, err)
	}
	return fmt.Errorf("stopped after step %d of %d: %w", r.step, r.total, err)
}

func (r *run) finish() (*Report, error) {
	if err := r.publish(); err != nil {
		return nil, err
	}
	rep := &r.report
	rep.Steps, rep.BestStep = r.step, r.step
	if r.best != nil && !r.opts.KeepLast {
		if err := r.adapter.Set(r.best.values); err != nil {
			return nil, err
		}
		rep.BestStep, rep.Evaluation = r.best.eval.Step, &r.best.eval
	}
	rep.Trainable, rep.Total = r.adapter.NumTrainable(), r.Trainer.adapted.NumTotal()
	rep.Seconds = r.seconds().Seconds()
	if r.busy > 0 {
		rep.TokensPerSec = float64(r.tokens) / r.busy.Seconds()
	}
	return rep, r.folder.finish(r.adapter, rep)
}

func (r *run) seconds() time.Duration { return r.before + time.Since(r.began) }
