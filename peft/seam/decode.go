package seam

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Decoding makes a Call one step of writing text: the first reads a prompt, each later one a single column, and all
// keep the keys and values of attention. Models and methods see a call like any other.
//
// What is kept is what the backbone's maps make, of an adapter's virtual tokens too. What an AttentionHook adds is not:
// it is added anew at every step.
type Decoding struct {
	// Capacity is how many columns of tokens can be kept. Virtual tokens have room beside them.
	Capacity int
	// Length counts the prompt's columns, an int32 scalar; those behind it are padding. For the first step only.
	Length *Node
	// Past and Memory are what the step before kept, see Call.Kept; nil in the first step.
	Past, Memory []*Node
	// Rows, int32 [batch], gives each row the past of another one, as beam search needs; nil leaves all in place.
	Rows *Node
}

// step is a Decoding while its graph is built.
type step struct {
	Decoding
	filled *Node // int32 scalar: columns in use before this step
	next   *Node // int32 [batch]: the position of the column after this step's
	mask   *Node // bool [batch, columns]: true where a column may be attended to, this step's among them; nil until known

	before  []*Node // what is left of Past: keys and values [batch, columns, heads, width], site by site
	recall  []*Node // what is left of Memory: keys, values and masks, site by site
	kept    []*Node // keys and values with this step's
	memory  []*Node // keys, values and masks that the first step makes
	virtual int     // columns that adapters put in front
	encoder bool    // whether there is one
}

// pastHeader counts the values in front of the keys and values of Past: filled, next and mask.
const pastHeader = 3

// Decode makes what follows in the graph a step of decoding. Graph-building.
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

// Encode builds an encoder with f, apart from any decoding. Steps after the first don't call it: what a decoder reads of
// an encoder is kept, see Memory. Graph-building.
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

// Latest takes of x [batch, columns, …] the columns whose outputs are wanted: all of them or, in decoding, the last.
func (c *Call) Latest(x *Node) *Node {
	s := c.step
	if s == nil || s.later() {
		return x
	}
	at := graph.AddScalar(s.Length, float64(s.virtual-1))
	column := graph.Equal(graph.Iota(c.g, shapes.Make(dtypes.Int32, x.Shape().Dimensions...), 1), at)
	return graph.ReduceAndKeep(graph.Where(column, x, graph.ZerosLike(x)), graph.ReduceSum, 1)
}

// Kept gives what the next step needs, once the decoder is built: past changes with every step and begins with a scalar,
// behind which all carry the rows; memory is what the first step made. Graph-building.
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
