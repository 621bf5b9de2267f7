package train

import (
	"context"
	"strings"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
)

// Trainer trains one adapter of an adapted backbone. It is for one goroutine; other goroutines may go on using the
// backbone and its adapters, this one included, and see its values as they were when training began, or when they were
// last evaluated or saved.
type Trainer struct {
	adapted *peft.Adapted
	opts    Options
	name    string
	fsys    atomicfile.FS // where checkpoints are written
}

// New checks the options. Errors match ErrOptions, optim.ErrConfig or peft.ErrAdapter.
func New(a *peft.Adapted, opts Options) (*Trainer, error) {
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, err
	}
	t := &Trainer{adapted: a, opts: opts, name: opts.Adapter, fsys: atomicfile.OS{}}
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

// Fit trains on examples, in a new order each epoch.
//
// Cancelling the context ends it between two steps with the context's error; the adapter then holds the values of the
// last whole step, and where Options.Out is set a checkpoint holds all the rest. Any other error but ErrNotFinite
// leaves the adapter like this too. Options, data and checkpoints that can't be used are refused before Options.Out is
// written to.
func (t *Trainer) Fit(ctx context.Context, examples []data.Example) (*Report, error) {
	src, err := t.loader(examples, true)
	if err != nil {
		return nil, err
	}
	return t.FitSource(ctx, src)
}

// FitSource trains on batches from any source. See Fit.
func (t *Trainer) FitSource(ctx context.Context, src data.Source) (*Report, error) {
	r, err := t.newRun(src)
	if err != nil {
		return nil, err
	}
	return r.fit(ctx)
}

func (t *Trainer) task() (Task, error) {
	if t.opts.Task != nil {
		return t.opts.Task, nil
	}
	ad, err := t.adapted.Adapter(t.name)
	if err != nil {
		return nil, err
	}
	return TaskFor(ad.Info()) // whose head may have other classes than the backbone's
}
