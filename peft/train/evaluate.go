package train

import (
	"context"
	"maps"
	"slices"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
)

// Evaluate runs the adapter over examples, dropout off, and gives the mean loss and the task's metrics.
func (t *Trainer) Evaluate(ctx context.Context, examples []data.Example) (*Evaluation, error) {
	src, err := t.loader(examples, false)
	if err != nil {
		return nil, err
	}
	return t.EvaluateSource(ctx, src)
}

// EvaluateSource is Evaluate on batches from any source, one epoch of it.
func (t *Trainer) EvaluateSource(ctx context.Context, src data.Source) (*Evaluation, error) {
	task, err := t.task()
	if err != nil {
		return nil, err
	}
	out := &Evaluation{Metrics: map[string]float64{}}
	metrics := task.Metrics()
	total, weight := 0.0, 0.0
	for batch, err := range src.Epoch(0, 0) {
		if err != nil {
			return nil, err
		}
		outputs, err := t.adapted.Forward(ctx, peft.Use(t.name), batch.Tensors)
		if err != nil {
			return nil, err
		}
		loss, err := scalar(outputs["loss"])
		if err != nil {
			return nil, err
		}
		total += loss * float64(batch.Rows)
		weight += float64(batch.Rows)
		for _, m := range metrics {
			if err := m.Add(outputs, batch.Tensors, batch.Rows); err != nil {
				return nil, err
			}
		}
		free(slices.Collect(maps.Values(outputs))...)
	}
	out.Loss = total / weight
	for _, m := range metrics {
		if out.Metrics[m.Name()], err = m.Value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// best remembers the values of the best evaluation.
type best struct {
	eval   Evaluation
	values peft.Tensors
}

func (b *best) restore(a *peft.Adapter) error { return a.Set(b.values) }

// evaluate publishes the current values and evaluates them, where there is something to evaluate on.
func (r *run) evaluate(ctx context.Context) error {
	if r.evalSource == nil {
		return nil
	}
	if err := r.publish(); err != nil {
		return err
	}
	e, err := r.EvaluateSource(ctx, r.evalSource)
	if err != nil {
		return err
	}
	e.Step = r.step
	e.Best = r.best == nil || r.better(*e, r.best.eval)
	if e.Best {
		r.best = &best{eval: *e, values: r.adapter.Values()} // published values are never changed
	}
	r.report.Evaluation = e
	if r.opts.Logger != nil {
		r.opts.Logger.Info("evaluation", "step", e.Step, "loss", e.Loss, "metrics", e.Metrics)
	}
	if r.opts.OnEval != nil {
		return r.opts.OnEval(*e)
	}
	return nil
}

// better compares two evaluations by the task's first metric, then by loss.
func (r *run) better(a, b Evaluation) bool {
	if task, err := r.task(); err == nil {
		m := task.Metrics()[0]
		if x, y := a.Metrics[m.Name()], b.Metrics[m.Name()]; x != y {
			return m.Better(x, y)
		}
	}
	return a.Loss < b.Loss
}
