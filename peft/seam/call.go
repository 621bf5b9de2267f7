package seam

import (
	"fmt"
	"maps"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/gradient"
)

// Call is one graph of a model that is being built, with the adapters that act in it. A model's Forward asks it at every
// site: it computes the frozen module there, wrapped in what the adapters do. Where no adapter acts that is the bare module,
// so that models need not care. Its methods are graph-building: they panic on errors.
type Call struct {
	g        *graph.Graph
	net      *Frozen
	training bool
	rng      *Node // the random state, nil when nothing random may run
	draws    int   // dropout calls so far

	slots    []*slot
	branches []branch
	rows     *Node // int32 [batch]: the branch of each row, nil when rows do not differ

	frozen      map[string]*Node // as they are held
	wide        map[*Node]*Node  // of narrow ones, in float32
	frozenPaths []string         // in the order their parameters were made
	virtual     int
	sequence    Sequence // what Input gave
	step        *step    // of decoding, nil outside
	arguments   Nodes    // of the forward pass
}

// slot is an active adapter inside a graph.
type slot struct {
	method Method
	params []Param
	nodes  []*Node
	index  map[string]int // by site and name
	sites  map[string]bool
	swaps  map[string]int // by the frozen path a param replaces
	moved  map[int]*Node  // what moving params have become
	rows   *Node          // set when nodes carry a leading row axis
	once   map[string]*Node
}

// replacement gives a value that stands for a frozen one, laid out like that.
func (s *slot) replacement(i int) *Node {
	n := s.nodes[i]
	if s.params[i].Swapped {
		return graph.Transpose(n, n.Rank()-2, n.Rank()-1)
	}
	return n
}

// branch is one chain of adapters. Its outputs are weighted, or taken for the rows that belong to it.
type branch struct {
	slots  []*slot
	weight *Node // scalar, nil means all of it
	row    int   // value in Call.rows, used when that is set
}

func paramID(site, name string) string { return site + "\x00" + name }

// Graph gives GoMLX's graph that is being built.
func (c *Call) Graph() *graph.Graph { return c.g }

// Info describes the backbone.
func (c *Call) Info() Info { return c.net.info }

// Training reports whether the graph is one of training, in which dropout is on.
func (c *Call) Training() bool { return c.training }

// VirtualTokens gives how many columns adapters put in front of the input that stand for no token of it, so that a head can
// leave them out. It is known after Input was called, and 0 before.
func (c *Call) VirtualTokens() int { return c.virtual }

// Trainable gives the adapters' trainable values, to take gradients by, in the order in which peft.Adapted.Trainable lists
// them: adapter by adapter, and each adapter's as its plan has them.
func (c *Call) Trainable() []*Node {
	var out []*Node
	for _, s := range c.slots {
		for i := range s.params {
			if s.params[i].Trains() {
				out = append(out, s.nodes[i])
			}
		}
	}
	return out
}

// Sequence gives what Input gave last: the input of the stack that is being built. Its zero value means that there is none yet.
func (c *Call) Sequence() Sequence { return c.sequence }

// Sites lists the places of the backbone where adapters may act, in the model's order.
func (c *Call) Sites() []Site { return c.net.Sites() }

// Has reports whether the backbone holds a frozen value of that path.
func (c *Call) Has(path string) bool { return c.net.values[path] != nil || c.frozen[path] != nil }

// Value gives the frozen value at a path, in float32, for what a model reads outside of sites. Where an adapter replaced it
// (Param.Replaces), it gives the adapter's. In a call that averages adapters or has one for each row, a value that one of
// them replaces is refused with an error that matches ErrUnsupported.
func (c *Call) Value(path string) *Node {
	for _, b := range c.branches {
		for _, s := range b.slots {
			if i, ok := s.swaps[path]; ok {
				if len(c.branches) > 1 || s.rows != nil {
					panic(fmt.Errorf("%w: %s differs between adapters and can't be mixed in one batch", ErrUnsupported, path))
				}
				return s.replacement(i)
			}
		}
	}
	return c.base(path)
}

// base gives the frozen value itself, in float32.
func (c *Call) base(path string) *Node {
	n := c.held(path)
	if !narrow(n) {
		return n
	}
	if c.wide[n] == nil {
		c.wide[n] = graph.ConvertDType(n, dtypes.Float32)
	}
	return c.wide[n]
}

// narrow reports whether a value is widened before it is computed with.
func narrow(n *Node) bool { return n.DType().IsFloat() && n.DType() != dtypes.Float32 }

// widenFor is a value in float32 that is made no earlier than what it meets. All at once, a model's widened values are
// twice the model, which would be the peak of memory.
func widenFor(x, value *Node) *Node {
	if !narrow(value) {
		return value
	}
	first := make([]graph.SliceAxisSpec, x.Rank())
	for i := range first {
		first[i] = graph.AxisElem(0)
	}
	some := graph.Reshape(graph.Slice(x, first...))
	done := graph.Equal(some, some) // of x only that it is there, so that no infinity in it reaches the value
	return graph.ConvertDType(graph.StopGradient(graph.SchedulingBarrier(value, done)), dtypes.Float32)
}

// held gives the frozen value itself, in the dtype it is held in.
func (c *Call) held(path string) *Node {
	if same, tied := c.net.tied[path]; tied && c.net.values[path] == c.net.values[same] {
		path = same
	}
	if n, ok := c.frozen[path]; ok {
		return n
	}
	t := c.net.values[path]
	if t == nil {
		panic(fmt.Errorf("backbone has no value %q", path))
	}
	n := graph.Parameter(c.g, fmt.Sprintf("frozen%d", len(c.frozenPaths)), t.Shape())
	c.frozenPaths = append(c.frozenPaths, path)
	c.frozen[path] = n
	return n
}

// valueIn gives the value of a path as one branch sees it, and whether it carries a row axis.
func (c *Call) valueIn(slots []*slot, path string) (*Node, bool) {
	if n, byRow := swapped(slots, path); n != nil {
		return n, byRow
	}
	return c.base(path), false
}

// swapped gives what one branch puts in place of a path, nil for nothing, and whether that carries a row axis.
func swapped(slots []*slot, path string) (*Node, bool) {
	for i := len(slots) - 1; i >= 0; i-- {
		if p, ok := slots[i].swaps[path]; ok {
			return slots[i].replacement(p), slots[i].rows != nil
		}
	}
	return nil, false
}

// site looks a path up; models ask only at sites they declared.
func (c *Call) site(path string) Site {
	s, ok := c.net.sites[path]
	if !ok {
		panic(fmt.Errorf("model asks at %q, which is no site of it", path))
	}
	return s
}

// Forward builds the model's forward pass for arguments by name, and gives its outputs by name. Penalty is part of "loss".
func (c *Call) Forward(in Nodes) Nodes {
	if len(in) == 0 {
		panic(Inputf("in", "there are none: a forward pass needs the model's arguments"))
	}
	c.arguments = c.asked(in)
	out := c.net.model.Forward(c, in)
	if loss, ok := out["loss"]; ok {
		if penalty := c.Penalty(); penalty != nil {
			out["loss"] = graph.Add(loss, penalty)
		}
	}
	return out
}

// asked gives the arguments with those that methods ask for, which later steps of writing text have from the first one.
func (c *Call) asked(in Nodes) Nodes {
	if c.step == nil {
		return in
	}
	out := maps.Clone(in)
	for _, s := range c.slots {
		a, ok := s.method.(Asker)
		if !ok {
			continue
		}
		for _, arg := range a.Arguments() {
			if !arg.Optional {
				out[arg.Name] = c.Remember(func() *Node { return in[arg.Name] })
			}
		}
	}
	return out
}

// Penalty gives the sum of what the adapters that act add to a loss (Regularizer), a scalar, or nil for nothing. A loss of one's
// own is to hold it.
func (c *Call) Penalty() *Node {
	var total *Node
	done := map[*slot]bool{}
	for _, b := range c.branches {
		for _, s := range b.slots {
			r, ok := s.method.(Regularizer)
			if !ok || done[s] {
				continue
			}
			done[s] = true
			switch p := r.Penalty(&At{Call: c, slot: s}); {
			case p == nil:
			case total == nil:
				total = p
			default:
				total = graph.Add(total, p)
			}
		}
	}
	return total
}

// Argument gives an argument of the forward pass by its name, such as "input_ids" [batch, columns], for a hook whose doing
// depends on more than what comes to its site; nil where the call has none of that name. Virtual tokens are not among its
// columns.
func (c *Call) Argument(name string) *Node { return c.arguments[name] }

// Loss picks the loss, a scalar, of Forward's outputs. It panics with an error that matches ErrInput where the arguments had
// no labels.
func (c *Call) Loss(outputs Nodes) *Node {
	loss, ok := outputs["loss"]
	if !ok {
		panic(Inputf("labels", "are missing: there is no loss without them"))
	}
	return loss
}

// Gradients builds the gradients of a loss for the values that train, in the order of Trainable. Unlike graph.Gradient it
// builds no product that only the gradient of a frozen weight would need.
func (c *Call) Gradients(loss *Node) []*Node { return gradient.Of(loss, c.Trainable()...) }
