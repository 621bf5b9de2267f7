package train

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
)

// Evaluate measures the adapter on examples, without training it and without dropout: it gives the mean loss and the
// task's metrics. A loss that is not finite is a *NotFiniteError, an empty set data.ErrEmpty.
func (t *Trainer) Evaluate(ctx context.Context, examples []data.Example) (*Evaluation, error) {
	if err := t.check(ctx); err != nil {
		return nil, err
	}
	src, err := t.loader(examples, false)
	if err != nil {
		return nil, err
	}
	return t.EvaluateSource(ctx, src)
}

// EvaluateSource is Evaluate on batches from any source, one epoch of it. The loss is the mean over rows of the
// batches' losses; where these are means over tokens, batches with few of them weigh the same as those with many.
func (t *Trainer) EvaluateSource(ctx context.Context, src data.Source) (*Evaluation, error) {
	if err := t.check(ctx); err != nil {
		return nil, err
	}
	if src == nil {
		return nil, &peft.InputError{Name: "src", Reason: "there are no batches to evaluate: it is nil"}
	}
	task, err := t.task()
	if err != nil {
		return nil, err
	}
	out := &Evaluation{Metrics: map[string]float64{}}
	metrics := task.Metrics()
	rows := 0
	for batch, err := range src.Epoch(0, 0) {
		if err != nil {
			return nil, err
		}
		loss, outputs, err := t.objective.evaluate(ctx, t.adapted, t.name, batch)
		if err != nil {
			return nil, err
		}
		if !finite(loss) {
			return nil, &NotFiniteError{What: "loss on the evaluation data", Value: loss}
		}
		out.Loss += loss * float64(batch.Rows)
		rows += batch.Rows
		for _, m := range metrics {
			if err := m.Add(outputs, batch.Tensors, batch.Rows); err != nil {
				return nil, err
			}
		}
		free(slices.Collect(maps.Values(outputs))...)
	}
	if rows == 0 {
		return nil, data.ErrEmpty
	}
	out.Loss /= float64(rows)
	for _, m := range metrics {
		if out.Metrics[m.Name()], err = m.Value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// bestOf remembers the values of the best evaluation.
type bestOf struct {
	eval   Evaluation
	values peft.Tensors // those that train, by file key
}

// evaluate publishes the current values and evaluates them. Values without a finite loss are taken back.
func (r *run) evaluate(ctx context.Context) error {
	former := r.adapter.Values()
	if err := r.publish(); err != nil {
		return err
	}
	e, err := r.EvaluateSource(ctx, r.evalSource)
	if err != nil {
		if broken := (*NotFiniteError)(nil); errors.As(err, &broken) {
			broken.Step = r.step
		}
		return cmp.Or(r.adapter.Set(r.adapter.Config(), former, peft.AllowNotFinite()), err)
	}
	e.Step = r.step
	e.Best = !r.stepping.Unfinished() && (r.best == nil || r.better(*e, r.best.eval))
	if e.Best {
		r.best = &bestOf{eval: *e, values: r.current()} // published values are never changed
	}
	r.evaluated, r.report.Evaluation = r.step, e
	if !r.stepping.Unfinished() {
		r.watch(e)
	}
	if r.opts.Logger != nil {
		r.opts.Logger.Info("evaluation", "step", e.Step, "loss", e.Loss, "metrics", e.Metrics)
	}
	if err := r.folder.evaluation(e); err != nil {
		return err
	}
	if r.opts.OnEval != nil {
		return r.heed("OnEval", r.opts.OnEval(*e))
	}
	return nil
}

// better compares two evaluations by what EarlyStopping watches or else the task's first metric, where it has one, then
// by loss.
func (r *run) better(a, b Evaluation) bool {
	if stop := r.opts.EarlyStopping; stop != nil {
		if x, y := stop.of(&a), stop.of(&b); x != y {
			return r.betterValue(x, y)
		}
	} else if task, err := r.task(); err == nil {
		if all := task.Metrics(); len(all) > 0 {
			m := all[0]
			if x, y := a.Metrics[m.Name()], b.Metrics[m.Name()]; x != y {
				return m.Better(x, y)
			}
		}
	}
	return a.Loss < b.Loss
}
