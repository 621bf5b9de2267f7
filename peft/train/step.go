package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
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
	trainable int                   // how many of params train
	stepping  *peft.Stepping        // nil for most methods
	sum       []*peft.Tensor        // of a step's gradients so far, where stepping reads them and a step has several batches

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

func newStepper(a *peft.Adapted, name string, o *Options, obj *objective, total int) (*stepper, error) {
	ad, err := a.Adapter(name)
	if err != nil {
		return nil, err
	}
	s := &stepper{adapted: a, adapter: ad, sel: peft.Use(name), objective: obj, every: o.Accumulate, stepping: ad.Stepping(total)}
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
	s.trainable = len(s.params)
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

// program builds the run of one batch. Its extra inputs are the optimiser's state, the sum of the step's gradients where one is
// kept, the optimiser's numbers, then what only the loss reads; its outputs the loss, the norm of the gradients, the new
// values, the new state and, where the method reads them between steps, the gradients, or their sum.
func (s *stepper) program(in *inputs) peft.Program {
	plan, obj, slots, sums, shown := s.plan, s.objective, len(s.now.state), len(s.sum), s.stepping != nil
	key := fmt.Sprintf("gopeft/train: step %s%s; gradients %t %d", plan.Key(), obj.key(in), shown, sums)
	return peft.Program{Key: key, Training: true, Build: func(c *seam.Call, forward seam.Nodes, extra []*seam.Node) []*seam.Node {
		values := c.Trainable()
		numbers := slots + sums
		loss, _ := obj.build(c, in, forward, extra[numbers+1:])
		grads := c.Gradients(loss)
		next, state, norm := plan.Apply(values, grads, extra[:slots], extra[numbers])
		out := slices.Concat([]*seam.Node{loss, norm}, next, c.Moved(), state)
		if !shown {
			return out
		}
		for i, sum := range extra[slots:numbers] {
			grads[i] = graph.Add(sum, grads[i])
		}
		return append(out, grads...)
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
	s.beginSum()
	extra := slices.Concat(s.now.state, s.sum, []*peft.Tensor{scalars}, in.extra, []*peft.Tensor{s.now.rng})
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
	end := n + len(s.now.state)
	next := &moment{values: out[2:n], owned: true, state: out[n:end], rng: out[last]}
	if err := s.between(next, out[end:last]); err != nil {
		next.free()
		return loss, norm, err
	}
	s.advance(next)
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
