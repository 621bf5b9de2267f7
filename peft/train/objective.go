package train

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/seam"
)

// objective is what a trainer makes small: its own loss, or that of the backbone where it has none.
type objective struct {
	loss     LossFunc // nil is the backbone's
	own      []string // names of the tensors that only loss reads
	teacher  *Teacher // nil is none
	backbone *peft.Backbone
	// id tells this loss from all others in the keys of programs: two functions can't be compared, and their programs
	// must not be shared.
	id string
	// outputs lists the names of evaluation programs' outputs, by key.
	outputs map[string][]string
}

func newObjective(b *peft.Backbone, o *Options) *objective {
	obj := &objective{loss: o.Loss, own: o.LossInputs, teacher: o.Teacher, backbone: b}
	if obj.loss != nil {
		obj.id, obj.outputs = rand.Text(), map[string][]string{}
	}
	return obj
}

// inputs are a batch's tensors, parted.
type inputs struct {
	forward peft.Tensors   // forward's arguments
	extra   []*peft.Tensor // what only the loss reads: the number of examples, its own tensors, the teacher's outputs
	taught  []string       // names of the teacher's outputs
	ours    int            // how many of extra, at its end, are to be freed
}

func (in *inputs) free() { free(in.extra[len(in.extra)-in.ours:]...) }

// inputs parts a batch and asks the teacher.
func (obj *objective) inputs(ctx context.Context, batch data.Batch) (*inputs, error) {
	if obj.loss == nil {
		return &inputs{forward: batch.Tensors}, nil
	}
	rows := int32(batch.Rows)
	if rows <= 0 { // a batch that doesn't say has nothing but examples
		for _, t := range batch.Tensors {
			if t.Rank() > 0 {
				rows = max(rows, int32(t.Shape().Dimensions[0]))
			}
		}
	}
	in := &inputs{forward: maps.Clone(batch.Tensors), extra: []*peft.Tensor{tensors.FromScalar(rows)}}
	for _, name := range obj.own {
		t, ok := in.forward[name]
		if !ok {
			return nil, &peft.InputError{Name: name, Reason: "is missing in a batch: Options.LossInputs names it"}
		}
		delete(in.forward, name)
		in.extra = append(in.extra, t)
	}
	if obj.teacher == nil {
		return in, nil
	}
	outputs, err := obj.teacher.ask(ctx, batch.Tensors, in.forward, obj.backbone.Engine())
	if err != nil {
		return nil, err
	}
	in.taught = slices.Sorted(maps.Keys(outputs))
	for _, name := range in.taught {
		in.extra = append(in.extra, outputs[name])
	}
	in.ours = len(in.taught)
	return in, nil
}

// key names what build bakes into a graph, besides shapes.
func (obj *objective) key(in *inputs) string {
	if obj.loss == nil {
		return ""
	}
	return fmt.Sprintf("; loss %s %q", obj.id, in.taught)
}

// build makes the loss, and gives forward's outputs. Graph-building.
func (obj *objective) build(c *seam.Call, in *inputs, forward seam.Nodes, extra []*graph.Node) (*graph.Node, seam.Nodes) {
	outputs := c.Forward(forward)
	if obj.loss == nil {
		return c.Loss(outputs), outputs
	}
	p := &Pass{call: c, forward: forward, outputs: outputs, rows: extra[0], own: seam.Nodes{}, teacher: seam.Nodes{}}
	for i, name := range slices.Concat(obj.own, in.taught) {
		to := p.own
		if i >= len(obj.own) {
			to = p.teacher
		}
		to[name] = extra[1+i]
	}
	loss := obj.loss(p)
	switch {
	case loss == nil:
		panic(optionf("Loss", "gave nothing"))
	case !loss.IsScalar() || !loss.DType().IsFloat():
		panic(optionf("Loss", "gave %s, want one number of a float type", loss.Shape()))
	}
	loss = graph.ConvertDType(loss, dtypes.Float32)
	if penalty := c.Penalty(); penalty != nil && !p.penalised {
		loss = graph.Add(loss, penalty)
	}
	return loss, outputs
}

// evaluate runs a batch without dropout and gives the loss, and forward's outputs for metrics.
func (obj *objective) evaluate(ctx context.Context, a *peft.Adapted, name string, batch data.Batch) (loss float64, outputs peft.Tensors, err error) {
	if obj.loss == nil {
		if outputs, err = a.Forward(ctx, peft.Use(name), batch.Tensors); err != nil {
			return 0, nil, err
		}
		if outputs["loss"] == nil {
			return 0, nil, &peft.InputError{Name: "labels", Reason: "are missing: there is nothing to compare with"}
		}
		loss, err = scalar(outputs["loss"])
		return loss, outputs, err
	}
	in, err := obj.inputs(ctx, batch)
	if err != nil {
		return 0, nil, err
	}
	defer in.free()
	key := "gopeft/train: evaluate " + obj.key(in)
	id := fmt.Sprintf("%s %q", key, slices.Sorted(maps.Keys(in.forward))) // outputs differ with what goes in
	out, err := a.Run(ctx, peft.Program{Key: key, Build: func(c *seam.Call, forward seam.Nodes, extra []*graph.Node) []*graph.Node {
		loss, outputs := obj.build(c, in, forward, extra)
		obj.outputs[id] = slices.Sorted(maps.Keys(outputs))
		nodes := []*graph.Node{loss}
		for _, name := range obj.outputs[id] {
			nodes = append(nodes, outputs[name])
		}
		return nodes
	}}, peft.Use(name), in.forward, in.extra, nil)
	if err != nil {
		return 0, nil, err
	}
	defer free(out[0])
	outputs = peft.Tensors{}
	for i, name := range obj.outputs[id] {
		outputs[name] = out[1+i]
	}
	loss, err = scalar(out[0])
	return loss, outputs, err
}

// write writes what is known of an own loss, for the identity of a run: the function itself can't be told.
func (obj *objective) write(w io.Writer, trained *peft.Adapter) error {
	fmt.Fprintf(w, "own %q\n", obj.own)
	if obj.teacher == nil {
		return nil
	}
	return obj.teacher.write(w, trained)
}
