package train

import (
	"context"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/seam"
)

// stepper runs the batches of training steps of one adapter. A batch is one run of a compiled program: forward, loss,
// gradients of the adapter's values only, the optimiser. The last batch of a step updates the values, which are the
// stepper's own until they are published.
type stepper struct {
	adapted   *peft.Adapted
	adapter   *peft.Adapter
	sel       peft.Selection
	plan      *optim.Updater
	objective *objective
	params    []peft.TrainableParam // those that train, then those that follow
	every     int                   // batches of a step

	whole  *moment // after the last whole step
	now    *moment // after the last batch
	step   int     // steps done
	inStep int     // batches done of the next one
}

// moment is what changes from batch to batch.
type moment struct {
	values []*peft.Tensor // in the order of the stepper's params
	owned  bool           // values are not part of a published snapshot
	state  []*peft.Tensor // the optimiser's
	rng    *peft.Tensor
}

func newStepper(a *peft.Adapted, name string, o *Options, obj *objective) (*stepper, error) {
	ad, err := a.Adapter(name)
	if err != nil {
		return nil, err
	}
	s := &stepper{adapted: a, adapter: ad, sel: peft.Use(name), objective: obj, every: o.Accumulate}
	if s.params, err = a.Trainable(s.sel); err != nil {
		return nil, err
	}
	if len(s.params) == 0 {
		return nil, optionf("Adapter", "%q has nothing to train", name)
	}
	var params []optim.Variable
	for _, p := range s.params {
		params = append(params, optim.Variable{Path: p.FileKey(), Shape: p.Value.Shape()})
	}
	moving, err := a.Moving(s.sel)
	if err != nil {
		return nil, err
	}
	s.params = append(s.params, moving...)
	first := &moment{rng: peft.RandomState(o.Seed)}
	for _, p := range s.params {
		first.values = append(first.values, p.Value)
	}
	if s.plan, err = optim.Build(o.transform(), params); err != nil {
		return nil, err
	}
	for _, slot := range s.plan.Slots() {
		first.state = append(first.state, filled(slot))
	}
	s.whole, s.now = first, first
	return s, nil
}

func filled(slot optim.Slot) *peft.Tensor {
	flat := make([]float32, slot.Shape.Size())
	for i := range flat {
		flat[i] = float32(slot.Fill)
	}
	return tensors.FromFlatDataAndDimensions(flat, slot.Shape.Dimensions...)
}

// program builds the run of one batch. Its extra inputs are the optimiser's state and numbers, then what only the loss
// reads; its outputs the loss, the norm of the gradients, the new values and the new state.
func (s *stepper) program(in *inputs) peft.Program {
	plan, obj, slots := s.plan, s.objective, len(s.now.state)
	key := "gopeft/train: step " + plan.Key() + obj.key(in)
	return peft.Program{Key: key, Training: true, Build: func(c *seam.Call, forward seam.Nodes, extra []*seam.Node) []*seam.Node {
		values := c.Trainable()
		loss, _ := obj.build(c, in, forward, extra[slots+1:])
		grads := c.Gradients(loss)
		next, state, norm := plan.Apply(values, grads, extra[:slots], extra[slots])
		return slices.Concat([]*seam.Node{loss, norm}, next, c.Moved(), state)
	}}
}

// run runs a batch with the learning rate of its step. After an error all is as before.
func (s *stepper) run(ctx context.Context, batch data.Batch, lr float64) (loss, norm float64, err error) {
	numbers, err := s.plan.Scalars(s.step*s.every+s.inStep+1, lr)
	if err != nil {
		return 0, 0, err
	}
	in, err := s.objective.inputs(ctx, batch)
	if err != nil {
		return 0, 0, err
	}
	defer in.free()
	scalars := tensors.FromFlatDataAndDimensions(numbers, len(numbers))
	extra := slices.Concat(s.now.state, []*peft.Tensor{scalars}, in.extra, []*peft.Tensor{s.now.rng})
	out, err := s.adapted.Run(ctx, s.program(in), s.sel, in.forward, extra, s.now.values)
	if err != nil {
		return 0, 0, err
	}
	loss, err = scalar(out[0])
	if err == nil {
		norm, err = scalar(out[1])
	}
	if err == nil {
		err = s.checkFinite(loss, norm)
	}
	if err != nil {
		free(out...)
		return loss, norm, err
	}
	free(out[:2]...)
	n, last := 2+len(s.now.values), len(out)-1
	s.advance(&moment{values: out[2:n], owned: true, state: out[n:last], rng: out[last]})
	return loss, norm, nil
}

// advance makes next the present and, behind the last batch of a step, the last whole step.
func (s *stepper) advance(next *moment) {
	former, whole := s.now, s.whole
	s.now = next
	if s.inStep++; s.inStep == s.every {
		s.step, s.inStep, s.whole = s.step+1, 0, next
		if whole != former {
			whole.free()
		}
	}
	if former != s.whole {
		former.free()
	}
}
