package train

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// settle evaluates and saves what is due after a step.
func (r *run) settle(ctx context.Context) error {
	if r.step == 0 || r.inStep > 0 {
		return nil
	}
	if r.step == r.total {
		r.end(Completed, "")
	}
	if r.evalSource != nil && r.evaluated != r.step && (r.report.Ended != "" || r.evaluationDue()) {
		if err := r.evaluate(ctx); err != nil {
			return err
		}
	}
	if n := r.opts.CheckpointEvery; r.report.Ended != "" || n > 0 && r.step%n == 0 {
		return r.checkpoint()
	}
	return nil
}

// evaluationDue reports whether the step is one of EvalEvery or, without, the first to end at or behind an epoch's end.
func (r *run) evaluationDue() bool {
	if n := r.opts.EvalEvery; n > 0 {
		return r.step%n == 0
	}
	return r.step*r.every/r.perEpoch > (r.step-1)*r.every/r.perEpoch
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
		if err := r.adapter.Set(r.adapter.Config(), r.best.values); err != nil {
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
