package peft

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	rt "runtime"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/peft/seam"
)

// Program is a computation of your own around the model's forward pass: another loss, a training step, what lies
// between two layers. [Adapted.Run] compiles it once for each set of shapes and runs it. For outputs and gradients
// alone there are [Adapted.Forward] and [Adapted.Gradients].
type Program struct {
	// Key is a name of your choice for what Build makes. Programs of the same key must build the same graph, so it
	// has to tell apart everything that Build puts into the graph, such as a constant; shapes aside. A key of yours
	// never meets one of this library's own.
	Key string
	// Training turns dropout on. The last of the extra inputs is then the random state, at first that of
	// [RandomState], and the last output is the state for the next run.
	Training bool
	// Build makes the outputs from the model's arguments and the extra inputs, with the functions of GoMLX's graph
	// package; c.Forward(in) is the forward pass. It may panic as they do: Run returns that as an error. It runs only
	// when no compiled program of these shapes is there, so it must not depend on what may differ between calls: give
	// that as an extra input.
	Build func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node
}

// program is a computation as it is compiled and kept: a Program, or one of this package's own.
type program struct {
	key      string
	maker    string // the place of the code that builds it, to notice two Programs of one key; "" for this package's own
	training bool
	// build makes the outputs, and gives names to the first of them.
	build func(b *seam.Builder, in seam.Nodes, extra []*seam.Node) (outputs []*seam.Node, names []string)
}

// Run runs a program with the selected adapters. in are the model's arguments, nil for a program without a forward
// pass; extra are further inputs, of any shapes. values, where not nil, act in place of the adapters' trainable
// values, in the order of [Adapted.Trainable] and, where there are more, of [Adapted.Moving]; the adapters keep
// theirs, until [Adapter.Publish] gives them new ones. The outputs are Build's, and belong to the caller.
//
// Two programs of one key whose Build stands at different places of the source match [ErrInput]. A context that has
// ended stops a program before it starts. One that runs is not interrupted.
func (a *Adapted) Run(ctx context.Context, p Program, sel Selection, in Tensors, extra, values []*Tensor) ([]*Tensor, error) {
	if p.Build == nil {
		return nil, seam.Inputf("Program.Build", "is missing")
	}
	out, _, err := a.run(ctx, program{
		key: "own:" + p.Key, maker: placeOf(p.Build), training: p.Training,
		build: func(b *seam.Builder, in seam.Nodes, extra []*seam.Node) ([]*seam.Node, []string) {
			return p.Build(b.Call(), in, extra), nil
		},
	}, sel, in, extra, values)
	return out, err
}

// run runs a program. It gives its outputs, and the names of the first of them.
func (a *Adapted) run(ctx context.Context, p program, sel Selection, in Tensors, extra, values []*Tensor) ([]*Tensor, []string, error) {
	if err := a.ready(ctx); err != nil {
		return nil, nil, err
	}
	if err := a.backbone.enter(); err != nil {
		return nil, nil, err
	}
	defer a.backbone.leave()
	act, err := a.resolve(sel, values)
	if err != nil {
		return nil, nil, err
	}
	if err := a.check(p, act, in, extra); err != nil {
		return nil, nil, err
	}
	args := newArguments(in, extra, act)
	on := act.on
	prog, err := on.rt.acquire(args.key(p)+on.sizes+on.untied, p.maker, func(built *compiled, g *graph.Graph) []*seam.Node {
		in, extra, own := args.parameters(g)
		setup := act.setup(own)
		if p.training {
			setup.Random, extra = extra[len(extra)-1], extra[:len(extra)-1]
		}
		b := on.net.Build(g, setup)
		outputs, names := p.build(b, in, extra)
		if p.training {
			outputs = append(outputs, nextRandomState(setup.Random))
		}
		built.frozen, built.names = b.FrozenPaths(), names
		return outputs
	})
	if err != nil {
		return nil, nil, err
	}
	defer on.rt.release(prog)
	inputs := args.values
	for _, path := range prog.frozen {
		inputs = append(inputs, on.net.Value(path))
	}
	var out []*Tensor
	err = engine.Try("running a graph", func() { out = prog.graph.Run(on.rt.place(inputs)...) })
	return out, prog.names, err
}

// ready refuses a call without a backbone, or with a context that is nil or has ended.
func (a *Adapted) ready(ctx context.Context) error {
	if a == nil || a.backbone == nil || a.backbone.net == nil {
		return errNoBackbone
	}
	if ctx == nil {
		return seam.Inputf("ctx", "is nil: use context.Background()")
	}
	return ctx.Err()
}

// check looks at a program's inputs before anything is compiled, so that errors name them.
func (a *Adapted) check(p program, act *active, in Tensors, extra []*Tensor) error {
	for name, t := range in {
		if t == nil {
			return seam.Inputf(name, "is nil")
		}
	}
	for i, t := range extra {
		if t == nil {
			return seam.Inputf(fmt.Sprintf("extra[%d]", i), "is nil")
		}
	}
	if err := act.checkRows(in); err != nil {
		return err
	}
	if p.training && (len(extra) == 0 || !isRandomState(extra[len(extra)-1])) {
		return seam.Inputf("extra", "the last one must be the random state of a training program, see RandomState")
	}
	if in == nil {
		return nil
	}
	return act.on.net.Model().Check(in, act.virtual())
}

// arguments are all inputs of a program but the model's values.
type arguments struct {
	names  []string // of forward's arguments, sorted
	extra  int
	values []*Tensor // forward's arguments, extra inputs, then the adapters'
	act    *active
}

func newArguments(in Tensors, extra []*Tensor, act *active) *arguments {
	a := &arguments{names: slices.Sorted(maps.Keys(in)), extra: len(extra), act: act}
	for _, n := range a.names {
		a.values = append(a.values, in[n])
	}
	a.values = append(append(a.values, extra...), act.inputs()...)
	return a
}

// key tells compiled programs apart: by what is computed, of which shapes, with which adapters.
func (a *arguments) key(p program) string {
	var key strings.Builder
	fmt.Fprintf(&key, "%s;%t;", p.key, p.training)
	for i, n := range a.names {
		fmt.Fprintf(&key, "%s:%s;", n, a.values[i].Shape())
	}
	for _, t := range a.values[len(a.names) : len(a.names)+a.extra] {
		fmt.Fprintf(&key, "%s;", t.Shape())
	}
	return key.String() + a.act.key()
}

// parameters makes a parameter of the graph for each value, in their order.
func (a *arguments) parameters(g *graph.Graph) (in seam.Nodes, extra, adapters []*seam.Node) {
	nodes := make([]*seam.Node, len(a.values))
	for i, t := range a.values {
		nodes[i] = graph.Parameter(g, fmt.Sprintf("in%d", i), t.Shape())
	}
	n := len(a.names)
	in = make(seam.Nodes, n)
	for i, name := range a.names {
		in[name] = nodes[i]
	}
	return in, nodes[n : n+a.extra], nodes[n+a.extra:]
}

// sorted gives named outputs in the order of their names.
func sorted(outputs seam.Nodes) ([]*seam.Node, []string) {
	names := slices.Sorted(maps.Keys(outputs))
	out := make([]*seam.Node, len(names))
	for i, n := range names {
		out[i] = outputs[n]
	}
	return out, names
}

func zip(names []string, values []*Tensor) Tensors {
	out := make(Tensors, len(names))
	for i, n := range names {
		out[n] = values[i]
	}
	return out
}

// isRandomState reports whether a tensor can be what RandomState gives.
func isRandomState(t *Tensor) bool {
	return t.DType() == dtypes.Uint32 && slices.Equal(t.Shape().Dimensions, []int{2})
}

// placeOf gives the file and line where a function is written. They are the same for all copies that inlining makes
// of it.
func placeOf(f any) string {
	pc := reflect.ValueOf(f).Pointer()
	file, line := rt.FuncForPC(pc).FileLine(pc)
	return fmt.Sprintf("%s:%d", file, line)
}
