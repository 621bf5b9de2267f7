package seam

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/safetensors"
)

// Stepper is implemented by methods that change their own values between the steps of training, as AdaLoRA takes ranks away
// and sparse methods move their masks. A training loop that knows nothing of it trains such a method like any other: see
// peft.Adapter.Stepping.
type Stepper interface {
	// AfterStep is called after each update of the adapter's values. An error ends the training.
	AfterStep(*Step) error
}

// Step is what a Stepper is told of an update: its number, and the adapter's values and gradients, which come to the host
// when they are asked for.
type Step struct {
	// Number counts the updates from 1.
	Number int
	// Total is how many there will be, unless the run ends early; 0 where the loop does not know.
	Total int

	plan       *Plan
	values     []*Tensor
	gradients  []*Tensor
	state      map[string][]float32
	taken      map[int][]float32
	unfinished bool
	warnings   []string
}

// Sites lists the paths of the sites where the adapter acts.
func (s *Step) Sites() []string { return slices.Clone(s.plan.Sites) }

// Has reports whether the adapter has a value of a name (Param.Name) at a site.
func (s *Step) Has(site, name string) bool { return s.plan.index(site, name) >= 0 }

// Shape gives the shape of the adapter's value of a name at a site, nil where it has none.
func (s *Step) Shape(site, name string) []int {
	if i := s.plan.index(site, name); i >= 0 {
		return slices.Clone(s.plan.Params[i].Shape)
	}
	return nil
}

// Value gives the adapter's value of a name at a site after the update, row by row, to read it or, where it trains or moves
// (Param.Moving), to change it in place: training goes on with what AfterStep leaves there. A value that the plan lacks is an
// error that matches ErrTensor.
func (s *Step) Value(site, name string) ([]float32, error) {
	i := s.plan.index(site, name)
	if i < 0 {
		return nil, fmt.Errorf("%w: plan holds no %s of %q", ErrTensor, name, site)
	}
	if flat, ok := s.taken[i]; ok {
		return flat, nil
	}
	if s.plan.Params[i].IsWhole() {
		return nil, fmt.Errorf("%w: %s of %q holds whole numbers, which training does not change", ErrTensor, name, site)
	}
	flat, err := safetensors.Floats(s.values[i])
	if err == nil {
		s.taken[i] = flat
	}
	return flat, err
}

// Gradient gives the gradient that the update was made of, row by row: that of the value before it, averaged over the batches
// of the step, and before it was clipped. It must not be changed. A value without one is an error that matches ErrTensor.
func (s *Step) Gradient(site, name string) ([]float32, error) {
	i := s.plan.index(site, name)
	if i < 0 || s.gradients[i] == nil {
		return nil, fmt.Errorf("%w: %s of %q has no gradient", ErrTensor, name, site)
	}
	return safetensors.Floats(s.gradients[i])
}

// State gives so many numbers of the method's own, to read and to change in place, such as running means: zeros at first, and
// what was left there after that. They live as long as the training and are in its checkpoints, but not in the adapter's file.
// The name is of your choice. Another size than before is an error that matches ErrTensor.
func (s *Step) State(name string, size int) ([]float32, error) {
	flat, ok := s.state[name]
	if !ok {
		flat = make([]float32, size)
		s.state[name] = flat
	}
	if len(flat) != size {
		return nil, &TensorError{Tensor: name, Reason: fmt.Sprintf("the training's state holds %d numbers, want %d", len(flat), size)}
	}
	return flat, nil
}

// Unfinished says that the adapter is not yet what the training is for, as one that still has to lose ranks. What is measured
// of such values does not compare with later ones: they are not kept as the best ones, and end no run early.
func (s *Step) Unfinished() { s.unfinished = true }

// Warn tells what is allowed and probably not meant. A text that was told before is not told again.
func (s *Step) Warn(format string, args ...any) {
	s.warnings = append(s.warnings, fmt.Sprintf(format, args...))
}

// Stepping is one call of a Stepper, as package peft makes it.
type Stepping struct {
	Number, Total int
	Plan          *Plan
	Values        []*Tensor            // one for each of the plan's params
	Gradients     []*Tensor            // likewise, nil for what has none
	State         map[string][]float32 // by name; AfterStep changes it
}

// Stepped is what became of a call of a Stepper.
type Stepped struct {
	Changed    map[int]*Tensor // new values, by their place among the plan's params
	Unfinished bool
	Warnings   []string
}

// Call calls the method. Values and gradients are left as they are.
func (s Stepping) Call(m Stepper) (*Stepped, error) {
	step := &Step{
		Number: s.Number, Total: s.Total, plan: s.Plan, values: s.Values, gradients: s.Gradients, state: s.State,
		taken: map[int][]float32{},
	}
	if err := engine.Guard("a method's change between steps", func() error { return m.AfterStep(step) }); err != nil {
		return nil, err
	}
	out := &Stepped{Changed: map[int]*Tensor{}, Unfinished: step.unfinished, Warnings: step.warnings}
	for i, flat := range step.taken {
		p := &s.Plan.Params[i]
		same, err := equals(s.Values[i], flat)
		if err != nil || same {
			if err != nil {
				return nil, err
			}
			continue
		}
		if !p.Trains() && !p.Moving {
			return nil, &TensorError{Tensor: p.FileKey(), Reason: "was changed between steps, and neither trains nor moves"}
		}
		out.Changed[i] = tensors.FromFlatDataAndDimensions(flat, p.Shape...)
	}
	return out, nil
}

// equals compares a tensor's content bit by bit.
func equals(t *Tensor, flat []float32) (same bool, err error) {
	err = t.ConstFlatData(func(held any) {
		same = slices.EqualFunc(held.([]float32), flat, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
	})
	return same, err
}
