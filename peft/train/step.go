package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// stepper runs training steps of one adapter. One step is one compiled program: forward, loss, gradients of the
// adapter's values only, the optimiser's update. The values it works on are its own until they are published.
type stepper struct {
	adapted *peft.Adapted
	adapter *peft.Adapter
	sel     peft.Selection
	plan    *optim.Plan
	params  []peft.TrainableParam // those that train, then those that follow

	values []*peft.Tensor // current ones, in the order of params
	owned  bool           // values are not part of a published snapshot
	state  []*peft.Tensor
	rng    *peft.Tensor
	step   int // steps done
}

func newStepper(a *peft.Adapted, name string, t optim.Transform, seed uint64) (*stepper, error) {
	ad, err := a.Adapter(name)
	if err != nil {
		return nil, err
	}
	s := &stepper{adapted: a, adapter: ad, sel: peft.Use(name)}
	if s.params, err = a.Trainable(s.sel); err != nil {
		return nil, err
	}
	if len(s.params) == 0 {
		return nil, optionf("Adapter", "%q has nothing to train", name)
	}
	var params []optim.Param
	for _, p := range s.params {
		params = append(params, optim.Param{Path: p.FileKey(), Shape: p.Value.Shape()})
	}
	moving, err := a.Moving(s.sel)
	if err != nil {
		return nil, err
	}
	s.params = append(s.params, moving...)
	for _, p := range s.params {
		s.values = append(s.values, p.Value)
	}
	if s.plan, err = optim.Build(t, params); err != nil {
		return nil, err
	}
	for _, slot := range s.plan.Slots() {
		s.state = append(s.state, filled(slot))
	}
	s.rng = peft.RandomState(seed)
	return s, nil
}

func filled(slot optim.Slot) *peft.Tensor {
	flat := make([]float32, slot.Shape.Size())
	for i := range flat {
		flat[i] = float32(slot.Fill)
	}
	return tensors.FromFlatDataAndDimensions(flat, slot.Shape.Dimensions...)
}

// program builds one step. Its extra inputs are the optimiser's state and numbers; its outputs the loss, the norm of
// the gradients, the new values and the new state.
func (s *stepper) program() peft.Program {
	plan := s.plan
	return peft.Program{Key: "step " + plan.Key(), Training: true, Build: func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
		values := c.Trainable()
		loss := c.Loss(c.Forward(in))
		grads := c.Gradients(loss)
		last := len(extra) - 1
		next, state, norm := plan.Apply(values, grads, extra[:last], extra[last])
		return slices.Concat([]*seam.Node{loss, norm}, next, c.Moved(), state)
	}}
}

// run does one step on a batch with a learning rate. After an error the values are those of before.
func (s *stepper) run(ctx context.Context, batch peft.Tensors, lr float64) (loss, norm float64, err error) {
	numbers, err := s.plan.Scalars(s.step+1, lr)
	if err != nil {
		return 0, 0, err
	}
	extra := append(append([]*peft.Tensor{}, s.state...), tensors.FromFlatDataAndDimensions(numbers, len(numbers)), s.rng)
	out, err := s.adapted.Run(ctx, s.program(), s.sel, batch, extra, s.values)
	if err != nil {
		return 0, 0, err
	}
	if loss, err = scalar(out[0]); err != nil {
		return 0, 0, err
	}
	if norm, err = scalar(out[1]); err != nil {
		return 0, 0, err
	}
	if err := s.checkFinite(loss, norm); err != nil {
		free(out...)
		return loss, norm, err
	}
	n := len(s.values)
	old := append([]*peft.Tensor{s.rng, out[0], out[1]}, s.state...)
	if s.owned {
		old = append(old, s.values...)
	}
	s.values, s.state, s.rng = out[2:2+n], out[2+n:len(out)-1], out[len(out)-1]
	s.owned = true
	s.step++
	free(old...)
	return loss, norm, nil
}

func (s *stepper) checkFinite(loss, norm float64) error {
	for _, v := range []struct {
		what  string
		value float64
	}{{"loss", loss}, {"gradient's norm", norm}} {
		if !finite(v.value) {
			return &NotFiniteError{Step: s.step + 1, What: v.what, Value: v.value}
		}
	}
	return nil
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// current gives the values that train now, by file key.
func (s *stepper) current() peft.Tensors {
	out := peft.Tensors{}
	for i, p := range s.params {
		out[p.FileKey()] = s.values[i]
	}
	return out
}

// publish makes the current values the adapter's, which calls on other goroutines then see. An update may overflow
// where loss and gradients were fine: such values are refused.
func (s *stepper) publish() error {
	for i, p := range s.params {
		var bad *NotFiniteError
		err := s.values[i].ConstFlatData(func(flat any) {
			for _, x := range flat.([]float32) { // adapters' values always are
				if !finite(float64(x)) {
					bad = &NotFiniteError{Step: s.step, What: "value of " + p.FileKey(), Value: float64(x)}
					return
				}
			}
		})
		if err != nil {
			return fmt.Errorf("reading %s: %w", p.FileKey(), err)
		}
		if bad != nil {
			return bad
		}
	}
	s.owned = false
	return s.adapter.Set(s.current())
}

// free gives device memory back at once instead of waiting for the garbage collector.
func free(list ...*peft.Tensor) {
	for _, t := range list {
		_ = t.FinalizeAll() // best effort: a tensor that can't be freed now is collected later
	}
}

func scalar(t *peft.Tensor) (float64, error) {
	var v float64
	err := t.ConstFlatData(func(flat any) {
		if f, ok := flat.([]float32); ok && len(f) == 1 {
			v = float64(f[0])
		} else {
			v = math.NaN()
		}
	})
	if err != nil {
		return 0, fmt.Errorf("reading a step's result: %w", err)
	}
	return v, nil
}
