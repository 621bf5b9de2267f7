package train

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/metric"
)

// EarlyStopping ends a run when evaluations no longer get better. The metric that it watches also decides which
// evaluation is best, and so which values stand at the end.
type EarlyStopping struct {
	// Patience is how many evaluations in a row may bring no improvement: the last of them ends the run. 0 means 1.
	Patience int
	// MinDelta is by how much the metric must be better than at the last improvement to count as one; at 0, by anything.
	MinDelta float64
	// Metric is what to watch: "eval_loss", or one of the task's metrics by the name it has in metrics.jsonl
	// ("eval_accuracy"). "" means eval_loss.
	Metric string
}

func (e EarlyStopping) withDefaults() EarlyStopping {
	if e.Patience == 0 {
		e.Patience = 1
	}
	if e.Metric == "" {
		e.Metric = lossName
	}
	if !strings.HasPrefix(e.Metric, evalPrefix) {
		e.Metric = evalPrefix + e.Metric
	}
	return e
}

func (e EarlyStopping) validate() error {
	if e.Patience < 0 {
		return optionf("EarlyStopping.Patience", "must not be negative, is %d", e.Patience)
	}
	if !(e.MinDelta >= 0) || math.IsInf(e.MinDelta, 0) {
		return optionf("EarlyStopping.MinDelta", "must be a number of at least 0, is %v", e.MinDelta)
	}
	return nil
}

// Names of what an evaluation measures, as metrics.jsonl has them: eval_loss, eval_accuracy.
const (
	evalPrefix = "eval_"
	lossName   = "loss"
)

// of gives the metric's value in an evaluation.
func (e EarlyStopping) of(x *Evaluation) float64 {
	if e.Metric == evalPrefix+lossName {
		return x.Loss
	}
	return x.Metrics[strings.TrimPrefix(e.Metric, evalPrefix)]
}

// comparison finds the metric among a task's and gives its order.
func (e EarlyStopping) comparison(of []metric.Metric) (better func(a, b float64) bool, err error) {
	if e.Metric == evalPrefix+lossName {
		return func(a, b float64) bool { return a < b }, nil
	}
	known := []string{evalPrefix + lossName}
	for _, m := range of {
		if known = append(known, evalPrefix+m.Name()); slices.Contains(known[1:], e.Metric) {
			return m.Better, nil
		}
	}
	return nil, optionf("EarlyStopping.Metric", "%q is none of what is measured: %s", e.Metric, strings.Join(known, ", "))
}

// patience is how far a run's evaluations have tried its EarlyStopping.
type patience struct {
	Best   float64 `json:"best"`   // at the last improvement
	Waited int     `json:"waited"` // evaluations since
}

// watch looks at a new evaluation and ends the run where the patience is used up.
func (r *run) watch(e *Evaluation) {
	stop := r.opts.EarlyStopping
	if stop == nil {
		return
	}
	value := stop.of(e)
	switch p := r.patience; {
	case p == nil:
		r.patience = &patience{Best: value}
	case r.betterValue(value, p.Best) && math.Abs(value-p.Best) > stop.MinDelta:
		p.Best, p.Waited = value, 0
	default:
		if p.Waited++; p.Waited >= stop.Patience {
			r.end(EarlyStopped, fmt.Sprintf("%s has not got better than %.6g for %d evaluations", stop.Metric, p.Best, p.Waited))
		}
	}
}

// end makes the step just done the last one. What ended a run first stays its reason.
func (r *run) end(how Ended, why string) {
	if r.report.Ended == "" {
		r.report.Ended, r.report.Why = how, why
	}
}

// heed turns a callback's ErrStop into the end of the run, and passes other errors on.
func (r *run) heed(callback string, err error) error {
	if !errors.Is(err, ErrStop) {
		return err
	}
	why := callback + " said so"
	if err != ErrStop { // it says more
		why = err.Error()
	}
	r.end(Stopped, why)
	return nil
}
