package peft

import (
	"context"

	"github.com/gopeft/gopeft/peft/seam"
)

// Forward runs the model with the selected adapters. in are the arguments of the model's forward pass under their
// names in transformers, for a text "input_ids" and "attention_mask", whole numbers [batch, tokens];
// models.Tokenizer and models/preprocess make them. The outputs have transformers' names too: "logits",
// "last_hidden_state", and "loss" where in has "labels". Dropout is off. An argument that is missing or misshapen
// matches [ErrInput], a selection that can't act [ErrAdapter].
//
// A context that has ended stops the call before it starts. One that runs is not interrupted.
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

// Gradients runs the model as [Adapted.Forward] does, with "labels" among the arguments, and gives also the gradient
// of the loss for each value that trains, in the order of [Adapted.Trainable]. Dropout is off. A batch mixed by
// [Rows] has no gradients: train its adapters one at a time.
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
