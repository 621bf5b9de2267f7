package seam

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Dropout sets a share p of the elements of x to 0 while training, at random, and multiplies the others with 1/(1-p).
// Outside of training, and for p = 0, it gives x.
func (c *Call) Dropout(x *Node, p float64) *Node {
	if !c.training || p <= 0 {
		return x
	}
	return graph.Where(c.Keep(p, x.Shape().Dimensions...), graph.MulScalar(x, 1/(1-p)), graph.ZerosLike(x))
}

// Keep draws a mask of these dimensions, bool, that is false at a share p of its elements: what dropout of one's own is made
// of. Call it while training only (see Training): outside it panics.
func (c *Call) Keep(p float64, dims ...int) *Node {
	return graph.GreaterOrEqual(c.Bits(dims...), graph.Scalar(c.g, dtypes.Uint32, uint32(math.Round(p*(1<<32)))))
}

// Bits draws uniformly distributed uint32 of these dimensions, for randomness of one's own. As Keep, it is for training only.
//
// They are a hash of the random state, the number of the draw and each element's place: a few integer operations, which
// compilers compute again in the backward pass instead of keeping a mask. A generator would take a third of a training step.
func (c *Call) Bits(dims ...int) *Node {
	if c.rng == nil {
		panic(fmt.Errorf("dropout while training needs a random state"))
	}
	c.draws++
	words := graph.Reshape(c.rng, 2, 1)
	key, step := graph.Slice(words, graph.AxisElem(0)), graph.Slice(words, graph.AxisElem(1))
	key = mixBits(graph.Add(key, mixBits(graph.AddScalar(step, float64(c.draws*0x9e3779b9&math.MaxUint32)))))
	n := 1
	for _, d := range dims {
		n *= d
	}
	place := graph.Iota(c.g, shapes.Make(dtypes.Uint32, n), 0)
	bits := mixBits(graph.BitwiseXor(place, graph.BroadcastToDims(graph.Reshape(key, 1), n)))
	return graph.Reshape(bits, dims...)
}

// mixBits makes every bit of the result depend on every bit of x, uint32 (lowbias32 of C. Wellons, 2018).
func mixBits(x *Node) *Node {
	g := x.Graph()
	word := func(v uint32) *Node { return graph.Scalar(g, dtypes.Uint32, v) }
	x = graph.BitwiseXor(x, graph.BitwiseShiftRightLogical(x, word(16)))
	x = graph.Mul(x, word(0x7feb352d))
	x = graph.BitwiseXor(x, graph.BitwiseShiftRightLogical(x, word(15)))
	x = graph.Mul(x, word(0x846ca68b))
	return graph.BitwiseXor(x, graph.BitwiseShiftRightLogical(x, word(16)))
}
