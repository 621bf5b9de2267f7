package golden

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// steps is a run of a case's optimiser. Each step is one program, which gives all that the laws ask for: outputs, loss and
// gradients before the update, and the values after it. On an engine that compiles for seconds that is why they share it.
type steps struct {
	run     *Run
	a       *peft.Adapted
	program peft.Program
	adamW   optim.AdamW
	plan    *optim.Updater
	names   []string              // of the outputs
	trained int                   // how many params have a gradient; those behind them move without
	params  []peft.TrainableParam // what a step changes
	values  []*peft.Tensor        // the params' values now
	state   []*peft.Tensor        // the optimiser's
	random  []*peft.Tensor        // in training mode
	done    int
}

// moment is what a step saw before it changed the values.
type moment struct {
	outputs peft.Tensors
	loss    float32
	grads   []*peft.Tensor // in the order of Trainable
}

// steps begins a run with the values that the adapters have.
func (r *Run) steps(a *peft.Adapted) (*steps, error) {
	o := r.Case.Optimizer
	if o.Type != "AdamW" {
		return nil, fmt.Errorf("case.json: optimizer %q is not known to the runner", o.Type)
	}
	s := &steps{run: r, a: a, adamW: optim.AdamW{LR: o.LR, Betas: o.Betas, Eps: o.Eps, WeightDecay: o.Decay}}
	s.names = slices.Sorted(maps.Keys(Under(r.Case.Golden, "out.")))
	var err error
	if s.params, err = a.Trainable(a.All()); err != nil {
		return nil, err
	}
	s.trained = len(s.params)
	bound := make([]optim.Variable, s.trained)
	for i, p := range s.params {
		bound[i] = optim.Variable{Path: p.FileKey(), Shape: p.Value.Shape()}
	}
	if s.plan, err = optim.Build(s.adamW.Transform(), bound); err != nil {
		return nil, err
	}
	moving, err := a.Moving(a.All())
	if err != nil {
		return nil, err
	}
	s.params = append(s.params, moving...)
	for _, p := range s.params {
		s.values = append(s.values, p.Value)
	}
	for _, slot := range s.plan.Slots() {
		s.state = append(s.state, tensors.FromShape(slot.Shape)) // AdamW's moments start at 0
	}
	if r.Case.TrainingMode {
		s.random = append(s.random, peft.RandomState(0))
	}
	names, plan := s.names, s.plan // not s, which changes from step to step
	s.program = peft.Program{
		Key: "golden step " + plan.Key() + " of " + strings.Join(names, ","), Training: r.Case.TrainingMode,
		Build: func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
			outputs := c.Forward(in)
			loss := c.Loss(outputs)
			grads := c.Gradients(loss)
			next, moments, _ := plan.Apply(c.Trainable(), grads, extra[1:], extra[0])
			all := []*seam.Node{loss}
			for _, name := range names {
				if outputs[name] == nil {
					panic(fmt.Errorf("outputs: %s is missing", name))
				}
				all = append(all, outputs[name])
			}
			return slices.Concat(all, grads, next, c.Moved(), moments)
		}}
	return s, nil
}

// next makes a step.
func (s *steps) next(ctx context.Context) (*moment, error) {
	numbers, err := s.plan.Scalars(s.done+1, s.adamW.Rate())
	if err != nil {
		return nil, err
	}
	extra := slices.Concat([]*peft.Tensor{tensors.FromValue(numbers)}, s.state, s.random)
	out, err := s.a.Run(ctx, s.program, s.a.All(), s.run.In, extra, s.values)
	if err != nil {
		return nil, err
	}
	take := func(n int) []*peft.Tensor {
		first := out[:n]
		out = out[n:]
		return first
	}
	m := &moment{loss: tensors.ToScalar[float32](take(1)[0]), outputs: peft.Tensors{}}
	for i, t := range take(len(s.names)) {
		m.outputs[s.names[i]] = t
	}
	m.grads = take(s.trained)
	s.values, s.state = take(len(s.params)), take(len(s.state))
	s.random, s.done = out, s.done+1
	return m, nil
}

// look gives what the adapters compute now and the gradients, by the program of a step where it computes the same: not in
// training mode, and not where training draws.
func (r *Run) look(ctx context.Context, a *peft.Adapted) (outputs peft.Tensors, grads []*peft.Tensor, err error) {
	if !r.Shared || r.Case.TrainingMode || r.Case.Stochastic {
		return a.Gradients(ctx, a.All(), r.In)
	}
	s, err := r.steps(a)
	if err != nil {
		return nil, nil, err
	}
	m, err := s.next(ctx)
	if err != nil {
		return nil, nil, err
	}
	return m.outputs, m.grads, nil
}

// computes gives what the adapters compute now.
func (r *Run) computes(ctx context.Context, a *peft.Adapted) (peft.Tensors, error) {
	if !r.Shared {
		return a.Forward(ctx, a.All(), r.In)
	}
	outputs, _, err := r.look(ctx, a)
	return outputs, err
}
