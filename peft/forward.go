package peft

import (
	"context"

	"github.com/gopeft/gopeft/peft/seam"
)

// Forward runs the backbone with the selected adapters and gives every output under its name in transformers ("logits",
// "last_hidden_state", "loss" where in has labels, …). in are forward's arguments under theirs.
func (a *Adapted) Forward(ctx context.Context, sel Selection, in Tensors) (Tensors, error) {
	if in == nil {
		in = Tensors{} // so that the model says what is missing
	}
	p := program{key: "forward", build: func(b *seam.Builder, in seam.Nodes, _ []*seam.Node) ([]*seam.Node, []string) {
		return sorted(b.Call().Forward(in))
	}}
	out, names, err := a.run(ctx, p, sel, in, nil, nil)
	if err != nil {
		return nil, err
	}
	return zip(names, out), nil
}

// Gradients runs forward with labels among its arguments and gives its outputs, and the gradient of "loss" for every
// trainable value of the selected adapters, in the order of Trainable. Dropout is off. A batch mixed by rows has no
// gradients: train its adapters one at a time.
func (a *Adapted) Gradients(ctx context.Context, sel Selection, in Tensors) (outputs Tensors, grads []*Tensor, err error) {
	if sel.op == opRows {
		return nil, nil, &UnsupportedError{Option: "gradients of a batch mixed by rows"}
	}
	if in == nil {
		in = Tensors{}
	}
	p := program{key: "gradients", build: func(b *seam.Builder, in seam.Nodes, _ []*seam.Node) ([]*seam.Node, []string) {
		c := b.Call()
		outputs := c.Forward(in)
		nodes, names := sorted(outputs)
		return append(nodes, c.Gradients(c.Loss(outputs))...), names
	}}
	out, names, err := a.run(ctx, p, sel, in, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	return zip(names, out), out[len(names):], nil
}
