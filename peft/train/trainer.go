package train

import (
	"context"
	"fmt"
	"strings"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
)

// Trainer trains one adapter of an adapted backbone, and evaluates it. It is to be used by one goroutine at a time. Other
// goroutines may go on using the backbone and its adapters, the one in training too: they see its values as they were
// when training began, or when they were last evaluated or saved.
type Trainer struct {
	adapted *peft.Adapted
	opts    Options
	name    string
	fsys    atomicfile.FS // where checkpoints are written

	objective *objective
}

// New makes a trainer for an adapter of a. It checks the options; nothing is read or written before Fit. Errors match
// ErrOptions, optim.ErrConfig, peft.ErrAdapter or, where a is nil, peft.ErrInput.
func New(a *peft.Adapted, opts Options) (*Trainer, error) {
	if a == nil || a.Backbone() == nil {
		return nil, &peft.InputError{Name: "adapted", Reason: "there is no backbone to train on: it is nil"}
	}
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	t := &Trainer{adapted: a, opts: opts, name: opts.Adapter, fsys: atomicfile.OS{}, objective: newObjective(a.Backbone(), &opts)}
	if t.name == "" {
		names := a.Names()
		if len(names) != 1 {
			return nil, optionf("Adapter", "name the one to train among %s", strings.Join(names, ", "))
		}
		t.name = names[0]
	}
	ad, err := a.Adapter(t.name)
	if err != nil {
		return nil, err
	}
	if err := opts.checkTask(ad.Info()); err != nil {
		return nil, err
	}
	if opts.Logger != nil {
		for _, w := range ad.Warnings() {
			opts.Logger.Warn(w)
		}
	}
	return t, nil
}

// Fit trains on examples, in a new order each epoch, and gives what the run came to.
//
// When the context is cancelled, training ends between two batches with the context's error; the adapter then holds the
// values after the last whole step, and where Options.Out is set a checkpoint is saved to go on from. Any other error but
// ErrNotFinite leaves the adapter like this too. What can't be used (options, data, checkpoints) is refused before
// anything in Options.Out is changed. Another Fit that trains the same adapter is an error that matches ErrBusy.
//
// To end a run early and still have its report, let OnStep or OnEval return ErrStop.
func (t *Trainer) Fit(ctx context.Context, examples []data.Example) (*Report, error) {
	if err := t.check(ctx); err != nil {
		return nil, err
	}
	src, err := t.loader(examples, true)
	if err != nil {
		return nil, err
	}
	return t.FitSource(ctx, src)
}

// FitSource trains on batches from any source. See Fit. A source without batches is data.ErrEmpty.
func (t *Trainer) FitSource(ctx context.Context, src data.Source) (*Report, error) {
	if err := t.check(ctx); err != nil {
		return nil, err
	}
	if src == nil {
		return nil, &peft.InputError{Name: "src", Reason: "there are no batches to train on: it is nil"}
	}
	ad, err := t.adapted.Adapter(t.name)
	if err != nil {
		return nil, err
	}
	end, err := ad.BeginTraining()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBusy, err)
	}
	defer end()
	r, err := t.newRun(src)
	if err != nil {
		return nil, err
	}
	return r.fit(ctx)
}

// check refuses a trainer that New did not make, and a nil context.
func (t *Trainer) check(ctx context.Context) error {
	if t == nil || t.adapted == nil {
		return &peft.InputError{Name: "trainer", Reason: "is none that New made"}
	}
	if ctx == nil {
		return &peft.InputError{Name: "ctx", Reason: "is nil"}
	}
	return nil
}

func (t *Trainer) task() (Task, error) {
	if t.opts.Task != nil {
		return t.opts.Task, nil
	}
	ad, err := t.adapted.Adapter(t.name)
	if err != nil {
		return nil, err
	}
	task, err := TaskFor(ad.Info())
	if err != nil && t.opts.Loss != nil { // which needs no head
		return Unlabelled(), nil
	}
	return task, err
}
