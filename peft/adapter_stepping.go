package peft

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// Stepping lets a method change an adapter's values between the steps of training, as AdaLoRA does, which takes away
// what matters least. The Trainer of package train does all this by itself; a training loop of your own gets one by
// [Adapter.Stepping] and calls After behind each update. It belongs to one loop. A nil *Stepping is that of a method
// that leaves values to the optimiser, and does nothing.
type Stepping struct {
	adapter    *Adapter
	method     seam.Stepper
	total      int
	state      map[string][]float32
	unfinished bool
	warnings   []string
}

// Stepping gives what changes the adapter's values between steps, nil where its method does nothing of the kind. total
// is how many steps there will be, 0 where that is not known.
func (a *Adapter) Stepping(total int) *Stepping {
	a = a.made()
	m, ok := a.method.(seam.Stepper)
	if !ok {
		return nil
	}
	return &Stepping{adapter: a, method: m, total: total, state: map[string][]float32{}}
}

// After is to be called after the update of a number, counted from 1. values are those after the update, in the order
// of [Adapted.Trainable] and, where there are more, of [Adapted.Moving]; gradients are those that the update was made
// of, before clipping, in the order of the former. It gives the values to go on with: tensors that it leaves alone are
// the same ones, and those that it changes are new and belong to the caller. The adapter itself keeps its values until
// [Adapter.Publish]. Another number of values matches [ErrAdapter], another shape [ErrTensor].
func (s *Stepping) After(number int, values, gradients []*Tensor) ([]*Tensor, error) {
	if s == nil {
		return values, nil
	}
	act := &active{slots: []activeSlot{s.adapter.slot()}}
	if err := act.override(append([]*Tensor{}, values...)); err != nil {
		return nil, err
	}
	call := seam.Stepping{
		Number: number, Total: s.total, Plan: s.adapter.plan, Values: act.slots[0].values,
		Gradients: make([]*Tensor, len(s.adapter.plan.Params)), State: s.state,
	}
	var places []int // of values among the plan's
	for i := range s.adapter.plan.Params {
		if p := &s.adapter.plan.Params[i]; p.Trains() {
			if len(places) < len(gradients) {
				call.Gradients[i] = gradients[len(places)]
				if err := fits("gradient of "+p.FileKey(), p, call.Gradients[i]); err != nil {
					return nil, err
				}
			}
			places = append(places, i)
		}
	}
	if len(gradients) != len(places) {
		return nil, fmt.Errorf("%w: %d gradients given for %d values that train", ErrAdapter, len(gradients), len(places))
	}
	for i := range s.adapter.plan.Params {
		if s.adapter.plan.Params[i].Moving && len(places) < len(values) {
			places = append(places, i)
		}
	}
	done, err := call.Call(s.method)
	if err != nil {
		return nil, fmt.Errorf("%s after step %d: %w", s.adapter.cfg.PEFTType(), number, err)
	}
	s.unfinished = done.Unfinished
	for _, w := range done.Warnings {
		if !slices.Contains(s.warnings, w) {
			s.warnings = append(s.warnings, w)
		}
	}
	next := slices.Clone(values)
	for k, i := range places {
		if t, ok := done.Changed[i]; ok {
			next[k] = t
		}
	}
	return next, nil
}

// Unfinished reports whether the values after the last step are not yet what the training is for, as those of an
// AdaLoRA that still has to lose ranks. They are then no candidates for the best ones.
func (s *Stepping) Unfinished() bool { return s != nil && s.unfinished }

// Warnings lists what the method has found so far that is allowed and probably not meant, a sentence each.
func (s *Stepping) Warnings() []string {
	if s == nil {
		return nil
	}
	return slices.Clone(s.warnings)
}

// State gives a copy of what the method remembers from step to step, such as running means, by names of its choice. A
// loop that is stopped and gone on with keeps it beside the optimiser's state and gives it back by Restore.
func (s *Stepping) State() Tensors {
	if s == nil {
		return nil
	}
	out := Tensors{}
	for name, flat := range s.state {
		out[name] = tensors.FromFlatDataAndDimensions(slices.Clone(flat), len(flat))
	}
	return out
}

// Restore takes back what State gave, and whether values were unfinished then. What is no list of float32 matches
// [ErrTensor].
func (s *Stepping) Restore(state Tensors, unfinished bool) error {
	if s == nil {
		return nil
	}
	next := map[string][]float32{}
	for name, t := range state {
		if t == nil || !t.Ok() || t.Rank() != 1 || t.DType() != dtypes.Float32 {
			return &TensorError{Tensor: name, Reason: "is no list of float32"}
		}
		flat, err := safetensors.Floats(t)
		if err != nil {
			return err
		}
		next[name] = flat
	}
	s.state, s.unfinished = next, unfinished
	return nil
}
