package train

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
)

// Trainer trains one adapter of an adapted backbone. It is for one goroutine; other goroutines may go on using the
// backbone and its adapters, this one included, and see its values as they were when training began or last evaluated.
type Trainer struct {
	adapted *peft.Adapted
	opts    Options
	name    string
}

// New checks the options. Errors match ErrOptions, optim.ErrConfig or peft.ErrAdapter.
func New(a *peft.Adapted, opts Options) (*Trainer, error) {
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	t := &Trainer{adapted: a, opts: opts, name: opts.Adapter}
	if t.name == "" {
		names := a.Names()
		if len(names) != 1 {
			return nil, optionf("Adapter", "name the one to train among %s", strings.Join(names, ", "))
		}
		t.name = names[0]
	}
	if _, err := a.Adapter(t.name); err != nil {
		return nil, err
	}
	return t, nil
}

// Fit trains on examples. Cancelling the context ends it between two steps with the context's error; the adapter then
// holds the values of the last whole step.
func (t *Trainer) Fit(ctx context.Context, examples []data.Example) (*Report, error) {
	src, err := t.Source(examples)
	if err != nil {
		return nil, err
	}
	return t.FitSource(ctx, src)
}

// Source gives the batches that Fit trains on: examples in a new order each epoch. Errors name the example that does
// not fit.
func (t *Trainer) Source(examples []data.Example) (data.Source, error) {
	return t.loader(examples, true)
}

// loader batches examples for the task, in a new order each epoch where they are to be shuffled.
func (t *Trainer) loader(examples []data.Example, shuffle bool) (*data.Loader, error) {
	task, err := t.task()
	if err != nil {
		return nil, err
	}
	b := t.adapted.Backbone()
	tok := t.opts.Tokenizer
	if tok == nil {
		if tok, err = tokenizer.Load(b.Origin().Dir); err != nil {
			return nil, fmt.Errorf("the backbone's tokenizer: %w", err)
		}
	}
	length, room := t.opts.MaxLength, t.room()
	if length > room {
		return nil, optionf("MaxLength", "%d is more than the backbone has positions for (%d)", length, room)
	}
	if length == 0 {
		length = room
	}
	o := data.Options{
		Encoder:   data.Encoder{Tokenizer: tok, MaxLength: length, NoTypeIDs: !b.Info().TokenTypes},
		BatchSize: t.opts.BatchSize, Shuffle: shuffle, Seed: t.opts.Seed,
	}
	if err := task.Loader(&o); err != nil {
		return nil, err
	}
	return data.NewLoader(examples, o)
}

// room counts the positions that an adapter's prompt leaves.
func (t *Trainer) room() int {
	n := t.adapted.Backbone().Info().MaxPositions
	if ad, err := t.adapted.Adapter(t.name); err == nil {
		n -= ad.VirtualTokens()
	}
	return n
}

func (t *Trainer) task() (Task, error) {
	if t.opts.Task != nil {
		return t.opts.Task, nil
	}
	return TaskFor(t.adapted.Backbone().Info())
}

// transform is the whole optimiser: clipping, then the update, over accumulated gradients.
func (t *Trainer) transform() optim.Transform {
	out := optim.Transform(optim.Chain{optim.ClipNorm{Max: t.opts.MaxGradNorm}, t.opts.Optimizer.Transform()})
	if t.opts.Accumulate > 1 {
		out = optim.Accumulate{Every: t.opts.Accumulate, Inner: out}
	}
	return out
}

// run is the state of one Fit.
type run struct {
	*Trainer
	*stepper
	total  int // steps (batches) there will be
	began  time.Time
	tokens int
	busy   time.Duration // in steps
	best   *best
	report Report

	evalSource data.Source // nil evaluates nothing
}

// FitSource trains on batches from any source. See Fit.
func (t *Trainer) FitSource(ctx context.Context, src data.Source) (*Report, error) {
	perEpoch := src.NumBatches()
	total := t.opts.Epochs * perEpoch
	if t.opts.Steps > 0 {
		total = t.opts.Steps * t.opts.Accumulate
	}
	if err := t.opts.Schedule.Validate(t.updates(total)); err != nil {
		return nil, err
	}
	s, err := newStepper(t.adapted, t.name, t.transform(), t.opts.Seed)
	if err != nil {
		return nil, err
	}
	r := &run{Trainer: t, stepper: s, total: total, began: time.Now(), evalSource: t.opts.EvalSource}
	if t.opts.Eval != nil {
		if r.evalSource, err = t.loader(t.opts.Eval, false); err != nil {
			return nil, fmt.Errorf("evaluation data: %w", err)
		}
	}
	for epoch := 0; r.step < total; epoch++ {
		if err := r.epoch(ctx, src, epoch); err != nil {
			return nil, r.abandon(err)
		}
	}
	return r.finish()
}

// updates counts the optimiser's updates in so many steps.
func (t *Trainer) updates(steps int) int { return (steps + t.opts.Accumulate - 1) / t.opts.Accumulate }

func (r *run) epoch(ctx context.Context, src data.Source, epoch int) error {
	for batch, err := range src.Epoch(epoch, 0) {
		if err != nil {
			return err
		}
		if err := r.one(ctx, epoch, batch); err != nil {
			return err
		}
		if n := r.opts.CheckpointEvery; n > 0 && r.step%n == 0 {
			if err := r.checkpoint(); err != nil {
				return err
			}
		}
		every := r.opts.EvalEvery
		if every > 0 && r.step%every == 0 && r.step < r.total {
			if err := r.evaluate(ctx); err != nil {
				return err
			}
		}
		if r.step == r.total {
			break
		}
	}
	if r.opts.EvalEvery == 0 || r.step == r.total {
		return r.evaluate(ctx)
	}
	return nil
}

// one does a step and tells about it.
func (r *run) one(ctx context.Context, epoch int, batch data.Batch) error {
	update := r.step / r.opts.Accumulate
	lr := r.opts.Optimizer.Rate() * r.opts.Schedule.Factor(update, r.updates(r.total))
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
	if r.opts.OnStep != nil {
		return r.opts.OnStep(rec)
	}
	return nil
}

func (r *run) checkpoint() error {
	if err := r.publish(); err != nil {
		return err
	}
	return r.opts.OnCheckpoint(r.step, r.adapter)
}

// abandon publishes the values of the last whole step before an error is passed on.
func (r *run) abandon(err error) error {
	if perr := r.publish(); perr != nil {
		return fmt.Errorf("%w (and the adapter could not be published: %v)", err, perr)
	}
	return err
}

func (r *run) finish() (*Report, error) {
	if err := r.publish(); err != nil {
		return nil, err
	}
	rep := &r.report
	rep.Steps, rep.BestStep = r.step, r.step
	if r.best != nil && !r.opts.KeepLast {
		if err := r.best.restore(r.adapter); err != nil {
			return nil, err
		}
		rep.BestStep, rep.Evaluation = r.best.eval.Step, &r.best.eval
	}
	rep.Trainable, rep.Total = r.adapter.NumTrainable(), r.Trainer.adapted.NumTotal()
	rep.Seconds = time.Since(r.began).Seconds()
	if r.busy > 0 {
		rep.TokensPerSec = float64(r.tokens) / r.busy.Seconds()
	}
	return rep, nil
}
