package peft

import (
	"context"
	"fmt"
	"reflect"
	rt "runtime"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

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
	// Training turns dropout on. Run then takes one more extra input, behind those that Build gets: the random state, at
	// first that of [RandomState]. And it gives one more output, behind those that Build makes: the state for the next run.
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
	maker    uintptr // the code that builds it, to notice two Programs of one key; 0 for this package's own
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
		key: "own:" + p.Key, maker: reflect.ValueOf(p.Build).Pointer(), training: p.Training,
		build: func(b *seam.Builder, in seam.Nodes, extra []*seam.Node) ([]*seam.Node, []string) {
			outputs := p.Build(b.Call(), in, extra)
			for i, y := range outputs {
				if y == nil {
					panic(seam.Inputf("Program.Build", "gives nil for output %d, as where the forward pass has no output of a name", i))
				}
			}
			return outputs, nil
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
	if a.none() {
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
	if err := act.on.net.Model().Check(act.withoutAsked(in), act.virtual()); err != nil {
		return err
	}
	return act.checkAsked(in)
}

// isRandomState reports whether a tensor can be what RandomState gives.
func isRandomState(t *Tensor) bool {
	return t.DType() == dtypes.Uint32 && slices.Equal(t.Shape().Dimensions, []int{2})
}

// placeOf gives the file and line where a function is written, "" for none. They are the same for all copies that
// inlining makes of it.
func placeOf(pc uintptr) string {
	if pc == 0 {
		return ""
	}
	file, line := rt.FuncForPC(pc).FileLine(pc)
	return fmt.Sprintf("%s:%d", file, line)
}

// RandomState gives the random state for the first run of a [Program] whose Training is set; each run gives the one
// for the next. It is a uint32 [2], made of the seed and the number of the run: equal states give equal dropout.
func RandomState(seed uint64) *Tensor {
	return tensors.FromValue([]uint32{uint32(seed) ^ uint32(seed>>32)*0x9e3779b9, 0})
}

// nextRandomState counts the run.
func nextRandomState(state *seam.Node) *seam.Node {
	return graph.Add(state, graph.Const(state.Graph(), []uint32{0, 1}))
}
