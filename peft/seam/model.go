package seam

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Node is a value of a graph that is being built.
type Node = graph.Node

// Tensor is a value on the host or on a device.
type Tensor = tensors.Tensor

// Nodes are named values of a graph.
type Nodes = map[string]*Node

// Tensors are named values: forward's arguments and results under their names in transformers ("input_ids",
// "attention_mask", "labels", "logits", …), or weights under their path.
type Tensors = map[string]*Tensor

// Model is what a family of backbones implements. It holds the architecture only, no values, and is immutable.
type Model interface {
	// Info describes the backbone.
	Info() Info
	// Sites lists where adapters may act, in the order of transformers' named_modules.
	Sites() []Site
	// Check looks at forward's arguments on the host before they reach a graph, where gathers clamp in silence:
	// shapes, ids beyond the vocabulary, labels out of range, more positions than there are (virtual of them are
	// taken by an adapter's prompt). Errors match ErrInput.
	Check(in Tensors, virtual int) error
	// Forward builds the graph, asking c at every site. It gives outputs under their names in transformers, "loss"
	// among them where in holds labels. Graph-building: it panics on errors, and c's caller turns that into one.
	Forward(c *Call, in Nodes) Nodes
}
