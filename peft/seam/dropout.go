package seam

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Dropout zeroes a share p of x while training and scales the rest by 1/(1-p).
func (c *Call) Dropout(x *Node, p float64) *Node {
	if !c.training || p <= 0 {
		return x
	}
	return graph.Where(c.Keep(p, x.Shape().Dimensions...), graph.MulScalar(x, 1/(1-p)), graph.ZerosLike(x))
}

// Keep draws a mask of these dimensions that is false for a share p. Only for what is random in training: without a
// random state it panics.
func (c *Call) Keep(p float64, dims ...int) *Node {
	return graph.GreaterOrEqual(c.Bits(dims...), graph.Scalar(c.g, dtypes.Uint32, uint32(math.Round(p*(1<<32)))))
}

// Bits draws uint32 of these dimensions, uniformly; see Keep.
//
// They are a hash of the state, the call and each element's place. It costs a few integer operations, which
// compilers join with their neighbours and repeat in the backward pass instead of keeping a mask; a generator's
// draws would take a third of a training step.
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
