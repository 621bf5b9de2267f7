package seam

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/gradient"
)

// Probe is what a Calibration measures a site by: what goes into it on one batch, and how the loss depends on its weight.
// Its methods are graph-building.
type Probe struct {
	*Call
	Site Site

	plan *Plan
	in   Nodes
	x    []*Node // what went in, for each time that the model asked
	grad func() *Node
}

// Has reports whether the adapter has a value of a name (Param.Name) at the site.
func (p *Probe) Has(name string) bool { return p.plan.index(p.Site.Path, name) >= 0 }

// Argument gives an argument of the forward pass by its name, as "labels", nil where the batch has none.
func (p *Probe) Argument(name string) *Node { return p.in[name] }

// Input gives what goes into the site: [batch, …, in], or [batch, in, …] at a convolution, or integer ids at an embedding. It
// panics where the model asks at the site more than once, or never, on this batch.
func (p *Probe) Input() *Node {
	if len(p.x) != 1 {
		panic(fmt.Errorf("%w: measuring %s, which the model uses %d times on these arguments", ErrUnsupported, p.Site.Path, len(p.x)))
	}
	return p.x[0]
}

// Inputs gives what goes into the site, for each time that the model asks at it.
func (p *Probe) Inputs() []*Node { return slices.Clone(p.x) }

// Rows gives what goes into a linear map as [rows, in], a row for each position of each row of the batch, and again for each
// time that the model asks at the site.
func (p *Probe) Rows() *Node {
	if p.Site.Kind != Linear {
		panic(fmt.Errorf("%w: measuring inputs of %s, which is %s", ErrUnsupported, p.Site.Path, p.Site.Kind))
	}
	if len(p.x) == 0 {
		p.Input()
	}
	var rows []*Node
	for _, x := range p.x {
		rows = append(rows, graph.Reshape(x, -1, p.Site.In))
	}
	return joined(rows)
}

// RowMask gives 1 for each of Rows that counts and 0 for padding, float32 [rows], by a mask of the positions [batch, sequence]
// such as the argument "attention_mask". Inputs of another shape, as a pooler's, have no padding; nor has a nil mask.
func (p *Probe) RowMask(mask *Node) *Node {
	var rows []*Node
	for _, x := range p.x {
		lead := x.Shape().Dimensions[:x.Rank()-1]
		if mask != nil && slices.Equal(mask.Shape().Dimensions, lead) {
			rows = append(rows, graph.Reshape(graph.ConvertDType(mask, dtypes.Float32), -1))
		} else {
			rows = append(rows, graph.Ones(p.g, shapes.Make(dtypes.Float32, x.Shape().Size()/p.Site.In)))
		}
	}
	return joined(rows)
}

func joined(rows []*Node) *Node {
	if len(rows) == 1 {
		return rows[0]
	}
	return graph.Concatenate(rows, 0)
}

// Gradient gives the gradient of the loss with respect to the site's frozen weight, shaped as its Kind says.
func (p *Probe) Gradient() *Node { return p.grad() }

// prober is the method that stands at the sites while they are measured.
type prober struct{ x map[string][]*Node }

var (
	_ LinearHook    = (*prober)(nil)
	_ ConvHook      = (*prober)(nil)
	_ EmbeddingHook = (*prober)(nil)
)

func (*prober) Plan(*Blueprint) (*Plan, error) { return new(Plan), nil }
func (*prober) GraphKey() string               { return "" }

func (m *prober) see(at *At, x *Node, next func(*Node) *Node) *Node {
	m.x[at.Site.Path] = append(m.x[at.Site.Path], x)
	return next(x)
}

func (m *prober) Linear(at *At, x *Node, next func(*Node) *Node) *Node { return m.see(at, x, next) }
func (m *prober) Conv(at *At, x *Node, next func(*Node) *Node) *Node   { return m.see(at, x, next) }
func (m *prober) Embedding(at *At, x *Node, next func(*Node) *Node) *Node {
	return m.see(at, x, next)
}

// Measure builds what is measured of one batch, in forward's arguments, at the sites of a plan: the outputs, and the site and
// the name of each. The Setup must have been without adapters. Graph-building.
func (b *Builder) Measure(c *Calibration, plan *Plan, in Nodes) (outputs []*Node, sites, names []string) {
	call, seen := b.call, &prober{x: map[string][]*Node{}}
	s := Slot{Method: seen, Sites: plan.Sites}
	if c.Gradients {
		for _, path := range plan.Sites {
			w := path + ".weight"
			if !call.Has(w) {
				panic(fmt.Errorf("%w: the gradient of a weight of %s, which has none", ErrUnsupported, path))
			}
			s.Params = append(s.Params, Param{Site: path, Name: "weight", Replaces: w})
			s.Nodes = append(s.Nodes, graph.Identity(call.base(w))) // of its own, where modules share a weight
		}
	}
	own := newSlot(s)
	call.slots, call.branches = []*slot{own}, []branch{{slots: []*slot{own}}}
	out := call.Forward(in)
	var grads []*Node
	for i, path := range plan.Sites {
		p := &Probe{Call: call, Site: call.site(path), plan: plan, in: in, x: seen.x[path]}
		p.grad = func() *Node {
			if !c.Gradients {
				panic(fmt.Errorf("%w: gradients of a Calibration without Gradients", ErrUnsupported))
			}
			if grads == nil {
				grads = gradient.Of(call.Loss(out), own.nodes...)
			}
			return grads[i]
		}
		values, measured := c.Measure(p), []string{}
		for name := range values {
			measured = append(measured, name)
		}
		slices.Sort(measured)
		for _, name := range measured {
			outputs, sites, names = append(outputs, graph.ConvertDType(values[name], dtypes.Float32)), append(sites, path), append(names, name)
		}
	}
	return outputs, sites, names
}
