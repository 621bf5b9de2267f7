package optim

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Param is one trainable tensor as the optimiser sees it.
type Param struct {
	Path  string       // unique in a plan; masks look at it, and slots are named after it
	Shape shapes.Shape // any float dtype
}

// Slot is one float32 tensor that is carried from step to step.
type Slot struct {
	Name  string       // unique in a plan and stable, for checkpoints: "adam.m/<path>"
	Shape shapes.Shape // of dtype Float32
	Fill  float64      // the value of every element before the first step
}

// Transform turns gradients into updates. All optimisers and all their parts are of this type; [Chain], [Mask]
// and [Accumulate] make new ones from others. An implementation is a value that never changes, and
//
//   - is pure: what it must remember is in its slots;
//   - declares slots and scalars in an order that depends on params only;
//   - feeds every number through Scalars and compiles none, so that equal keys build equal graphs;
//   - leaves dtype and shape of each update as they came.
type Transform interface {
	// Validate reports the first setting that cannot be used as a [*FieldError].
	Validate() error

	// Key names the graph that Update builds over params: its structure, by index where it depends on a
	// parameter, and neither numbers nor paths.
	Key(params []Param) string

	// Slots lists the state to carry for params.
	Slots(params []Param) []Slot

	// Scalars returns the numbers of a step, computed on the host in float64 and fed as float32: always the
	// same count. Steps count from 1; lr is the learning rate now.
	Scalars(step int, lr float64) []float64

	// Update builds the graph: from c.Updates to the new updates, and from c.State to the new state, both in
	// the order they came. Graph-building: it panics as GoMLX does.
	Update(c Call) (updates, state []*graph.Node)
}

// Call is what a [Transform] sees when it builds its graph.
type Call struct {
	Params  []Param
	Values  []*graph.Node // the parameters now, in float32, one per param
	Updates []*graph.Node // gradients at the head of a chain, then what the link before made of them; float32
	State   []*graph.Node // one per slot
	Scalars []*graph.Node // one per number of Scalars, each a float32 scalar
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
func slotsLike(name string, params []Param, fill float64) []Slot {
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
