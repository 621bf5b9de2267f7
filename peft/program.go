package peft

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/engine"
)

// Program is what to compute around a backbone's forward pass: a loss, its gradients, a training step. Most callers
// want Forward or Gradients; trainers build their own.
type Program struct {
	// Key names everything that Build bakes into the graph besides shapes. Programs with the same key must build
	// the same graph.
	Key string
	// Training turns dropout on. The last of the extra inputs is then the random state, and the last output the
	// next one.
	Training bool
	// Build makes the outputs from the forward arguments and extra inputs. Graph-building. It runs only when no
	// compiled program of these shapes is kept, so it must not capture what may differ between calls.
	Build func(c *Call, in Nodes, extra []*Node) []*Node
}

// Run runs a program with the selected adapters. values, when not nil, stand for the trainable values of the selected
// adapters in the order of Trainable, and for the moving ones, in the order of Moving, where they go on; the adapters are
// not touched. A nil in runs a program that makes no forward pass. The outputs belong to the caller.
func (a *Adapted) Run(ctx context.Context, p Program, sel Selection, in Tensors, extra, values []*Tensor) ([]*Tensor, error) {
	out, _, err := a.run(ctx, p, sel, in, extra, values)
	return out, err
}

// run is Run, and gives the names that Build gave its outputs with Call.label.
func (a *Adapted) run(ctx context.Context, p Program, sel Selection, in Tensors, extra, values []*Tensor) ([]*Tensor, []string, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	act, err := a.resolve(sel, values)
	if err != nil {
		return nil, nil, err
	}
	if err := act.checkRows(in); err != nil {
		return nil, nil, err
	}
	if in != nil {
		if err := a.backbone.model.Check(in, act.virtual()); err != nil {
			return nil, nil, err
		}
	}
	names := slices.Sorted(maps.Keys(in))
	inputs := make([]*Tensor, 0, len(names)+len(extra)+8)
	var key strings.Builder
	fmt.Fprintf(&key, "%s;%t;", p.Key, p.Training)
	for _, n := range names {
		fmt.Fprintf(&key, "%s:%s;", n, in[n].Shape())
		inputs = append(inputs, in[n])
	}
	for _, t := range extra {
		fmt.Fprintf(&key, "%s;", t.Shape())
	}
	inputs = append(inputs, extra...)
	key.WriteString(act.key())
	key.WriteString(a.backbone.untied)
	own := act.inputs()
	inputs = append(inputs, own...)

	rt := a.backbone.rt
	prog, err := rt.acquire(key.String(), func(built *compiled, g *graph.Graph) []*Node {
		nodes := make([]*Node, len(inputs))
		for i, t := range inputs {
			nodes[i] = graph.Parameter(g, fmt.Sprintf("in%d", i), t.Shape())
		}
		named := make(Nodes, len(names))
		for i, n := range names {
			named[n] = nodes[i]
		}
		more := nodes[len(names) : len(names)+len(extra)]
		c := act.call(a.backbone, g, nodes[len(names)+len(extra):])
		if p.Training {
			c.training, c.rng, more = true, more[len(more)-1], more[:len(more)-1]
		}
		outputs := p.Build(c, named, more)
		if p.Training {
			outputs = append(outputs, nextRandomState(c.rng))
		}
		built.frozen, built.names = c.frozenPaths, c.names
		return outputs
	})
	if err != nil {
		return nil, nil, err
	}
	defer rt.release(prog)
	for _, path := range prog.frozen {
		inputs = append(inputs, a.backbone.frozen[path])
	}
	var out []*Tensor
	err = engine.Try("running a graph", func() { out = prog.graph.Run(rt.place(inputs)...) })
	return out, prog.names, err
}

// Forward runs the backbone with the selected adapters and gives every output under its name in transformers.
func (a *Adapted) Forward(ctx context.Context, sel Selection, in Tensors) (Tensors, error) {
	p := Program{Key: "forward", Build: func(c *Call, in Nodes, _ []*Node) []*Node {
		return c.label(c.Forward(in))
	}}
	out, names, err := a.run(ctx, p, sel, in, nil, nil)
	if err != nil {
		return nil, err
	}
	return zip(names, out), nil
}

// Gradients runs forward with labels among its arguments and gives its outputs, and the gradient of "loss" for every
// trainable value of the selected adapters, in the order of Trainable. Dropout is off. A batch mixed by
// rows has no gradients: train its adapters one at a time.
func (a *Adapted) Gradients(ctx context.Context, sel Selection, in Tensors) (outputs Tensors, grads []*Tensor, err error) {
	if sel.op == opRows {
		return nil, nil, &UnsupportedError{Option: "gradients of a batch mixed by rows"}
	}
	p := Program{Key: "gradients", Build: func(c *Call, in Nodes, _ []*Node) []*Node {
		named := c.Forward(in)
		return append(c.label(named), graph.Gradient(c.Loss(named), c.Trainable()...)...)
	}}
	out, names, err := a.run(ctx, p, sel, in, nil, nil)
	if err != nil {
		return nil, nil, err
	}
	return zip(names, out), out[len(names):], nil
}

// Forward builds the backbone's forward pass.
func (c *Call) Forward(in Nodes) Nodes { return c.backbone.model.Forward(c, in) }

// Loss picks the loss of Forward's outputs.
func (c *Call) Loss(outputs Nodes) *Node {
	loss, ok := outputs["loss"]
	if !ok {
		panic(Inputf("labels", "are missing: there is no loss without them"))
	}
	return loss
}

// label notes the outputs' names and gives them in that order.
func (c *Call) label(outputs Nodes) []*Node {
	c.names = slices.Sorted(maps.Keys(outputs))
	out := make([]*Node, len(c.names))
	for i, n := range c.names {
		out[i] = outputs[n]
	}
	return out
}

func zip(names []string, values []*Tensor) Tensors {
	out := make(Tensors, len(names))
	for i, n := range names {
		out[n] = values[i]
	}
	return out
}
