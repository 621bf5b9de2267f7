package optim

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Gatherer may be implemented by a [Transform] whose updates come from the gradients of several batches, as those of
// [Accumulate] do.
type Gatherer interface {
	Transform
	// Gradients builds the gradients that the update is made of, one for each parameter. [Plan.Apply] gives their norm in place
	// of that of the last batch's gradients.
	Gradients(c Inputs) []*graph.Node
}

// Updater is a [Transform] together with the parameters that it trains: it lists the state to keep, computes the numbers of each
// step and builds the graph of a step. [Build] makes one; a zero Updater is not usable. It never changes, so several goroutines
// may use it.
type Updater struct {
	transform Transform
	params    []Variable
	slots     []Slot
	scalars   int // how many the transform asks for
}

// Build makes the plan of a transform, such as AdamW{}.Transform(), for parameters in the order in which [Updater.Apply] will get
// them.
//
// All errors match [ErrConfig]: a [*FieldError] for a setting that can't be used, and errors that name the parameter or slot
// for a path that is empty or occurs twice, a parameter that is not of floats, and two transforms of a chain that would keep
// their state under the same name.
func Build(t Transform, params []Variable) (*Updater, error) {
	if err := validate("Plan", "Transform", t); err != nil {
		return nil, err
	}
	paths := make(map[string]bool)
	for i, p := range params {
		switch {
		case p.Path == "":
			return nil, fmt.Errorf("%w: parameter %d has no path", ErrConfig, i)
		case paths[p.Path]:
			return nil, fmt.Errorf("%w: parameter %q is given twice", ErrConfig, p.Path)
		case !p.Shape.DType.IsFloat():
			return nil, fmt.Errorf("%w: parameter %q is %s; only floats can be trained", ErrConfig, p.Path, p.Shape)
		}
		paths[p.Path] = true
	}
	plan := &Updater{transform: t, params: slices.Clone(params), slots: t.Slots(params), scalars: len(t.Scalars(1, 0))}
	names := make(map[string]bool)
	for _, s := range plan.slots {
		if names[s.Name] {
			return nil, fmt.Errorf("%w: two links keep state as %q", ErrConfig, s.Name)
		}
		names[s.Name] = true
	}
	return plan, nil
}

// Params gives a copy of the list of parameters.
func (p *Updater) Params() []Variable { return slices.Clone(p.params) }

// Slots gives a copy of the list of state tensors to be kept between steps, in the order in which [Updater.Apply] takes and gives
// them.
func (p *Updater) Slots() []Slot { return slices.Clone(p.slots) }

// Key identifies the graph that [Updater.Apply] builds, to cache compiled programs: plans with equal keys build equal graphs,
// even if their settings (learning rate, decay) and their parameters' paths differ.
func (p *Updater) Key() string {
	if p.transform == nil {
		return ""
	}
	var key strings.Builder
	key.WriteString(p.transform.Key(p.params))
	for _, param := range p.params {
		key.WriteString(" " + param.Shape.String())
	}
	return key.String()
}

// Scalars computes the numbers that a step depends on, to be passed to the compiled program as its vector of scalars: learning
// rate, decay, bias corrections. The vector has the same length, at least 1, at every step. Steps are counted from 1 and, with
// the state, go on counting when a run is resumed. lr is the learning rate of this step: [Optimizer.Rate] times
// [Schedule].Factor. A step below 1, and an lr that is negative or not finite, is a [*FieldError].
func (p *Updater) Scalars(step int, lr float64) ([]float32, error) {
	if p.transform == nil {
		return nil, &FieldError{"Plan", "Transform", nil, "a Transform: use Build"}
	}
	if step < 1 {
		return nil, &FieldError{"Scalars", "step", step, "at least 1"}
	}
	if err := checkNonNegative("Scalars", "lr", lr); err != nil {
		return nil, err
	}
	numbers := p.transform.Scalars(step, lr)
	if len(numbers) != p.scalars {
		return nil, &FieldError{"Scalars", "step", step, fmt.Sprintf("%d numbers at it, not %d", p.scalars, len(numbers))}
	}
	fed := make([]float32, max(1, len(numbers))) // an empty tensor is no input for a backend
	for i, x := range numbers {
		fed[i] = float32(x)
	}
	return fed, nil
}

// Apply builds the graph of a step. It takes the values and the gradients of the parameters, in the order of [Updater.Params];
// the state tensors, in the order of [Updater.Slots]; and the vector of [Updater.Scalars], a Float32 node of rank 1. It gives the
// new values, in the types of the old ones, the new state, to be passed to the next step, and the norm of all gradients
// together before clipping, a Float32 scalar.
//
// Like all functions that build graphs, it panics if a node does not fit; the error names the tensor.
func (p *Updater) Apply(values, grads, state []*graph.Node, scalars *graph.Node) (newValues, newState []*graph.Node, norm *graph.Node) {
	p.check(values, grads, state)
	call := Inputs{Params: p.params, Values: each(values, float32Of), Updates: each(grads, float32Of), State: state}
	for i := range p.scalars {
		call.Scalars = append(call.Scalars, graph.Squeeze(graph.Slice(scalars, graph.AxisElem(i))))
	}
	norm = graph.ScalarZero(scalars.Graph(), dtypes.Float32)
	if len(p.params) > 0 {
		counted := call.Updates
		if g, ok := p.transform.(Gatherer); ok {
			counted = g.Gradients(call) // built again by Update; the backend computes it once
		}
		norm = globalNorm(counted)
	}
	updates, newState := p.transform.Update(call)
	newValues = each(call.Values, func(i int, x *graph.Node) *graph.Node {
		return graph.ConvertDType(graph.Add(x, updates[i]), p.params[i].Shape.DType)
	})
	return newValues, newState, norm
}

// check panics when nodes do not fit the plan.
func (p *Updater) check(values, grads, state []*graph.Node) {
	if len(values) != len(p.params) || len(grads) != len(p.params) || len(state) != len(p.slots) {
		exceptions.Panicf("optim: %d values, %d gradients and %d state tensors for a plan of %d parameters and %d slots",
			len(values), len(grads), len(state), len(p.params), len(p.slots))
	}
	for i, param := range p.params {
		if !values[i].Shape().Equal(param.Shape) {
			exceptions.Panicf("optim: parameter %q is %s; its value is %s", param.Path, param.Shape, values[i].Shape())
		}
		if !grads[i].Shape().EqualDimensions(param.Shape) {
			exceptions.Panicf("optim: parameter %q is %s; its gradient is %s", param.Path, param.Shape, grads[i].Shape())
		}
	}
	for i, slot := range p.slots {
		if !state[i].Shape().Equal(slot.Shape) {
			exceptions.Panicf("optim: slot %q is %s; its tensor is %s", slot.Name, slot.Shape, state[i].Shape())
		}
	}
}

// float32Of converts at the edge: inside, all arithmetic is in float32.
func float32Of(_ int, x *graph.Node) *graph.Node {
	if x.DType() == dtypes.Float32 {
		return x
	}
	return graph.ConvertDType(x, dtypes.Float32)
}

// validate checks a transform that another holds: nil is an error, not a crash later.
func validate(owner string, at any, t Transform) error {
	if v := reflect.ValueOf(t); t == nil || v.Kind() == reflect.Pointer && v.IsNil() {
		return &FieldError{owner, fmt.Sprint(at), nil, "a Transform"}
	}
	return t.Validate()
}
