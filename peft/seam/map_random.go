package seam

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Thinned gives the map m with each of its outputs set to 0 with probability p while training, and the others multiplied so
// that their sum stays: the rank dropout of LyCORIS. Outside of training, and for p = 0, it is m.
func (at *At) Thinned(m Map, p float64) Map {
	if !at.training || p <= 0 {
		return m
	}
	kept := graph.ConvertDType(at.Keep(p, at.Site.Out), dtypes.Float32)
	mean := graph.ReduceAllMean(kept) // 0 where none is kept, and then nothing is divided
	kept = graph.Div(kept, graph.Max(mean, graph.Scalar(at.g, dtypes.Float32, 1/float64(2*at.Site.Out))))
	return at.Times(at.Diagonal(kept), m)
}

// Skipped gives the map m that is 0 as a whole with probability p while training, as module dropout makes it. Outside of
// training, and for p = 0, it is m.
func (at *At) Skipped(m Map, p float64) Map {
	if !at.training || p <= 0 {
		return m
	}
	return at.Scaled(graph.ConvertDType(graph.Reshape(at.Keep(p, 1)), dtypes.Float32), m)
}

// Uniform draws float32 uniformly from (0, 1) of these dimensions, while training only; see Bits.
func (c *Call) Uniform(dims ...int) *Node {
	bits := graph.BitwiseShiftRightLogical(c.Bits(dims...), graph.Scalar(c.g, dtypes.Uint32, 9)) // 23 bits
	return graph.MulScalar(graph.AddScalar(graph.ConvertDType(bits, dtypes.Float32), 0.5), 1.0/(1<<23))
}

// Normal draws float32 from the standard normal distribution of these dimensions, while training only; see Bits.
func (c *Call) Normal(dims ...int) *Node {
	radius := graph.Sqrt(graph.MulScalar(graph.Log(c.Uniform(dims...)), -2))
	return graph.Mul(radius, graph.Cos(graph.MulScalar(c.Uniform(dims...), 2*math.Pi)))
}
