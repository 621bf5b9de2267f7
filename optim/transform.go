package optim

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Variable describes a parameter to be trained.
type Variable struct {
	Path  string       // its name, unique in a plan; [Mask] looks at it, and slots are named after it
	Shape shapes.Shape // of any float type
}

// Slot describes a state tensor that is kept from step to step, such as a moment of Adam. It is float32.
type Slot struct {
	Name  string       // unique in a plan and the same in every run, for checkpoints: "adam.m/<path>"
	Shape shapes.Shape // of type Float32
	Fill  float64      // the value of every element before the first step
}

// Transform turns gradients into updates, which are added to the parameters. Optimisers and all their parts are transforms:
// clipping, moments, weight decay, the learning rate. [Chain], [Mask] and [Accumulate] combine them. Implement it for a new
// optimiser. An implementation is a value that never changes, and
//
//   - keeps nothing between steps but what is in its slots;
//   - lists slots and scalars in an order that depends on params only;
//   - passes every number through Scalars and compiles none into the graph, so that equal keys mean equal graphs;
//   - gives updates of the type and shape of those it got.
type Transform interface {
	// Validate reports the first setting that can't be used, as a [*FieldError].
	Validate() error

	// Key identifies the graph that Update builds for params. It tells the structure, and parameters by index; numbers and
	// paths are not part of it.
	Key(params []Variable) string

	// Slots lists the state tensors to keep for params.
	Slots(params []Variable) []Slot

	// Scalars computes the numbers of a step, always the same count; they reach Update as float32. Steps are counted from 1;
	// lr is the learning rate of this step.
	Scalars(step int, lr float64) []float64

	// Update builds the graph that turns c.Updates into new updates and c.State into the new state, each in the same order.
	// Like all functions that build graphs, it may panic.
	Update(c Inputs) (updates, state []*graph.Node)
}

// Inputs is what a [Transform] works with when it builds its graph. All nodes are float32.
type Inputs struct {
	Params  []Variable    // the parameters
	Values  []*graph.Node // their values, one per parameter
	Updates []*graph.Node // their gradients or, in a chain, the updates of the transform before; one per parameter
	State   []*graph.Node // the state, one node per slot
	Scalars []*graph.Node // the numbers of Scalars, one scalar node per number
}

// each maps f over nodes.
func each(nodes []*graph.Node, f func(i int, x *graph.Node) *graph.Node) []*graph.Node {
	out := make([]*graph.Node, len(nodes))
	for i, x := range nodes {
		out[i] = f(i, x)
	}
	return out
}

// slotsLike returns one slot per param, of its dimensions, named name + "/" + path.
func slotsLike(name string, params []Variable, fill float64) []Slot {
	slots := make([]Slot, len(params))
	for i, p := range params {
		slots[i] = Slot{
			Name:  name + "/" + p.Path,
			Shape: shapes.Make(dtypes.Float32, p.Shape.Dimensions...),
			Fill:  fill,
		}
	}
	return slots
}

// lerp returns a + weight*(b-a), torch's order of the moving average's arithmetic.
func lerp(a, b, weight *graph.Node) *graph.Node {
	return graph.Add(a, graph.Mul(weight, graph.Sub(b, a)))
}

// blend returns keep*old + fresh*x, a moving average in two weights.
func blend(keep, old, fresh, x *graph.Node) *graph.Node {
	return graph.Add(graph.Mul(keep, old), graph.Mul(fresh, x))
}
