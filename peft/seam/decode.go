package seam

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Decoding describes one step of writing text, for which keys and values of attention are kept, so that each step after the
// first computes a single token. The first step reads the whole prompt. Package models/generate uses it; models and hooks
// see a call like any other.
//
// Kept are the keys and values that the model computes, those of an adapter's virtual tokens included. What an
// AttentionHook adds is not kept; the hook adds it in every step.
type Decoding struct {
	// Capacity is how many tokens can be kept in each row. Virtual tokens don't count.
	Capacity int
	// Length is the length of the prompt, an int32 scalar; the columns behind it are padding. Only the first step needs it.
	Length *Node
	// Past and Memory are what Call.Kept gave in the step before; nil in the first step.
	Past, Memory []*Node
	// Rows, int32 [batch], says which row's past each row goes on from, as beam search needs; nil means its own.
	Rows *Node
}

// step is a Decoding while its graph is built.
type step struct {
	Decoding
	filled *Node // int32 scalar: columns in use before this step
	next   *Node // int32 [batch]: the position of the column after this step's
	mask   *Node // bool [batch, columns]: true where a column may be attended to, this step's among them; nil until known

	before  []*Node // what is left of Past: keys and values [batch, columns, heads, width], site by site
	recall  []*Node // what is left of Memory, in the order in which it was made
	kept    []*Node // keys and values with this step's
	memory  []*Node // keys, values and masks that the first step makes, and what hooks remember
	virtual int     // columns that adapters put in front
	encoder bool    // whether there is one
}

// pastHeader counts the values in front of the keys and values of Past: filled, next and mask.
const pastHeader = 3

// Decode makes the forward pass that is built next a step of writing text. Call it before Forward.
func (c *Call) Decode(d Decoding) {
	s := &step{Decoding: d, recall: d.Memory}
	if s.later() {
		past := append([]*Node{}, d.Past...)
		if d.Rows != nil {
			for i := 1; i < len(past); i++ {
				past[i] = graph.Gather(past[i], graph.InsertAxes(d.Rows, -1))
			}
		}
		s.filled, s.next, s.mask, s.before = past[0], past[1], past[2], past[pastHeader:]
	}
	c.step = s
}

// later reports whether this is a step after the first.
func (s *step) later() bool { return s.Past != nil }

// Encode builds the encoder of an encoder-decoder by calling f. When text is written it is built for the first token only:
// what later ones read of it is kept by Memory, and f is not called.
func (c *Call) Encode(f func()) {
	s := c.step
	if s != nil {
		s.encoder = true
		if s.later() {
			return
		}
	}
	c.step = nil
	f()
	c.step = s
}

// Latest picks the columns of x [batch, columns, …] that a language-model head is needed for: all of them or, when text is
// written, the last one, [batch, 1, …].
func (c *Call) Latest(x *Node) *Node {
	s := c.step
	if s == nil || s.later() {
		return x
	}
	at := graph.AddScalar(s.Length, float64(s.virtual-1))
	column := graph.Equal(graph.Iota(c.g, shapes.Make(dtypes.Int32, x.Shape().Dimensions...), 1), at)
	return graph.ReduceAndKeep(graph.Where(column, x, graph.ZerosLike(x)), graph.ReduceSum, 1)
}

// Remember is for what a hook finds out of the prompt and needs in every later step of writing text: make computes it, [batch,
// …], in the first step and in calls that write none, and is not called in later ones, which get what the first step had.
// Each step must ask for the same things in the same order.
func (c *Call) Remember(make func() *Node) *Node {
	s := c.step
	switch {
	case s == nil:
		return make()
	case !s.later():
		n := make()
		s.memory = append(s.memory, n)
		return n
	case len(s.recall) == 0:
		panic(fmt.Errorf("the first step of writing text remembered less than a later one asks for"))
	}
	n := s.recall[0]
	s.recall = s.recall[1:]
	return n
}

// Continues reports whether the graph is a step of writing text after the first, in which each row of the batch is one new
// token.
func (c *Call) Continues() bool { return c.step != nil && c.step.later() }

// Kept gives what the next step of writing text needs, once Forward is built: past, for Decoding.Past, whose first entry is a
// scalar and whose others begin with the axis [batch], and memory, for Decoding.Memory, which only the first step gives.
func (c *Call) Kept() (past, memory []*Node) {
	s := c.step
	if s == nil || s.mask == nil || len(s.before) > 0 || len(s.recall) > 0 {
		panic(fmt.Errorf("%w: decoding a model that attends otherwise in each step", ErrUnsupported))
	}
	var filled *Node
	if s.later() {
		filled = graph.AddScalar(s.filled, 1)
	} else {
		filled = graph.AddScalar(s.Length, float64(s.virtual))
	}
	return append([]*Node{filled, s.next, s.mask}, s.kept...), s.memory
}
