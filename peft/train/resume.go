package train

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gopeft/gopeft/peft"
)

// Names of a run's tensors in state.safetensors.
const (
	valuePrefix = "value/" // values that train, by file key
	bestPrefix  = "best/"  // those of the best evaluation
	slotPrefix  = "state/" // the optimiser's, by slot
	ownPrefix   = "own/"   // what the method remembers from step to step
	randomState = "random"
)

// open prepares the run's folder and goes on from its newest checkpoint, if it is to.
func (r *run) open() (err error) {
	if r.opts.Out == "" {
		return nil
	}
	id, err := r.identify()
	if err != nil {
		return err
	}
	if r.folder, err = openFolder(r.opts.Out, r.fsys, &r.opts); err != nil {
		return err
	}
	r.folder.identity = id
	if r.opts.Resume {
		return r.resume()
	}
	return nil
}

func (r *run) resume() error {
	found, bad, err := r.folder.checkpoints.newest()
	if err != nil {
		return err
	}
	from := Resumed{Damaged: bad}
	if found != nil {
		from.Step = found.Step
		if err := r.restore(found); err != nil {
			return err
		}
		if err := r.folder.goOn(found); err != nil {
			return err
		}
	}
	if r.opts.Logger != nil {
		for _, err := range bad {
			r.opts.Logger.Warn("damaged checkpoint", "error", err)
		}
	}
	if r.opts.OnResume != nil {
		return r.opts.OnResume(from)
	}
	return nil
}

// checkpoint publishes the values and saves the run as it stands, if it has not been.
func (r *run) checkpoint() error {
	now := savedAt{step: r.step}
	if r.report.Ended != Completed { // which the step tells
		now.ended = r.report.Ended
	}
	if r.folder == nil || r.step == 0 || r.saved == now {
		return nil
	}
	if err := r.publish(); err != nil {
		return err
	}
	at, err := r.folder.metrics.position()
	if err != nil {
		return err
	}
	c := &checkpoint{
		Version: checkpointVersion, Step: r.step, Evaluated: r.evaluated, Loss: r.report.Loss, Last: r.report.Evaluation,
		Tokens: r.tokens, Busy: r.busy.Seconds(), Seconds: r.seconds().Seconds(), Metrics: at, Run: r.folder.identity,
		Patience: r.patience, Ended: now.ended, Why: r.report.Why, Unfinished: r.stepping.Unfinished(),
	}
	tensors := peft.Tensors{randomState: r.whole.rng}
	for key, t := range r.current() {
		tensors[valuePrefix+key] = t
	}
	for i, slot := range r.plan.Slots() {
		tensors[slotPrefix+slot.Name] = r.whole.state[i]
	}
	for name, t := range r.stepping.State() {
		tensors[ownPrefix+name] = t
	}
	if r.best != nil {
		c.Best = &r.best.eval
		for key, t := range r.best.values {
			tensors[bestPrefix+key] = t
		}
	}
	if err := r.folder.checkpoints.write(c, r.adapter, tensors); err != nil {
		return err
	}
	r.saved = now
	return nil
}

// restore takes a checkpoint's state over and publishes its values.
func (r *run) restore(c *checkpoint) error {
	tensors, err := c.tensors()
	if err != nil {
		return err
	}
	take := func(name string, like *peft.Tensor) *peft.Tensor {
		t := tensors[name]
		if err == nil && (t == nil || !t.Shape().Equal(like.Shape())) {
			err = foreignf(c.path, "tensor %q is not there as this run has it, %s", name, like.Shape())
		}
		return t
	}
	first := r.whole
	values, best, state := slices.Clone(first.values), peft.Tensors{}, slices.Clone(first.state)
	trained := true
	for i, p := range r.params {
		values[i] = take(valuePrefix+p.FileKey(), p.Value)
		if c.Best != nil {
			best[p.FileKey()] = take(bestPrefix+p.FileKey(), p.Value)
		}
		trained = trained && err == nil && sameBits(values[i], p.Value)
	}
	// Where parts of the run differ, that is the better error.
	if other := r.folder.identity.check(c, trained); other != nil {
		return other
	}
	for i, slot := range r.plan.Slots() {
		state[i] = take(slotPrefix+slot.Name, first.state[i])
	}
	rng := take(randomState, first.rng)
	own := peft.Tensors{}
	for name, t := range tensors {
		if name, ok := strings.CutPrefix(name, ownPrefix); ok {
			own[name] = t
		}
	}
	if err = cmp.Or(err, r.stepping.Restore(own, c.Unfinished)); err != nil {
		return err
	}
	r.whole = &moment{values: values, state: state, rng: rng}
	r.now, r.step = r.whole, c.Step
	r.evaluated, r.tokens, r.busy, r.before = c.Evaluated, c.Tokens, duration(c.Busy), duration(c.Seconds)
	r.report.Loss, r.report.Evaluation, r.report.Ended, r.report.Why = c.Loss, c.Last, c.Ended, c.Why
	r.patience, r.saved = c.Patience, savedAt{c.Step, c.Ended}
	if c.Best != nil {
		r.best = &bestOf{eval: *c.Best, values: best}
	}
	// A run goes on with the identity it began with.
	r.folder.identity = c.Run
	// No run writes values that are not finite. Where a file has them all the same, it is said; best and the optimiser's
	// state are no adapter's values, and show in the steps that they lead to.
	if err := r.publish(); err != nil {
		return fmt.Errorf("%s: %w", c.path, err)
	}
	return nil
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// sameBits compares the content of two tensors of one shape.
func sameBits(a, b *peft.Tensor) (same bool) {
	err := a.ConstBytes(func(x []byte) {
		if err := b.ConstBytes(func(y []byte) { same = bytes.Equal(x, y) }); err != nil {
			same = false
		}
	})
	return same && err == nil
}
