package seam

import (
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Node is a value of a graph that is being built, as GoMLX's functions take and give it.
type Node = graph.Node

// Tensor is an array of numbers on the host or on a device.
type Tensor = tensors.Tensor

// Nodes are named values of a graph.
type Nodes = map[string]*Node

// Tensors are named arrays: arguments and outputs of a forward pass under their names in transformers ("input_ids",
// "attention_mask", "labels", "logits", …), or weights under their paths.
type Tensors = map[string]*Tensor

// Model is an architecture: what it is, where adapters may act in it, and how it computes. It holds no values; peft.NewBackbone
// joins it with them. A Model is immutable and used by many calls at once.
type Model interface {
	// Info describes the model.
	Info() Info
	// Sites lists the places where adapters may act, in the order of the modules in transformers (named_modules).
	Sites() []Site
	// Check refuses arguments that Forward can't compute with, before they reach a graph: unknown or missing ones, wrong
	// shapes, token ids beyond the vocabulary and labels beyond the classes (which a graph would clamp in silence), and more
	// columns than the model has positions, of which an adapter's virtual tokens take virtual. Errors match ErrInput.
	Check(in Tensors, virtual int) error
	// Forward builds the forward pass, asking c at every site. It gives outputs under their names in transformers, and
	// "loss", a scalar, where the arguments hold labels. Graph-building: it panics on errors, which package peft turns
	// into errors of the call.
	Forward(c *Call, in Nodes) Nodes
}
