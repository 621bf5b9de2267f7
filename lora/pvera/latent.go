package pvera

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/lora/internal/shared"
	"github.com/gopeft/gopeft/peft/seam"
)

// latent is the map to z [batch, …, r]: the mean, or a draw around it.
func (m *method) latent(at *seam.At) seam.Map {
	a, d := shared.Columns(at.Global(nameA), at.Site.In), at.Param(nameD)
	mean := at.Times(at.Diagonal(shared.Columns(d, m.c.R)), at.Dropped(at.Weight(shared.Rows(a, m.c.R)), m.c.Dropout))
	if !m.draws(at) {
		return mean
	}
	return &seam.MapFunc{At: at, Width: at.Site.In, Function: func(x *seam.Node) *seam.Node {
		h := at.Dense(at.Dropout(x, m.c.Dropout), a)
		h = graph.Mul(h, at.Spread(d, h))
		mu := shared.Columns(h, m.c.R)
		logVar := graph.SliceAxis(h, h.Rank()-1, graph.AxisRange(m.c.R))
		return graph.Add(mu, graph.Mul(m.noise(at, mu.Shape().Dimensions), graph.Exp(graph.MulScalar(logVar, 0.5))))
	}, Whole: func() *seam.Node {
		if m.c.SampleAtInference {
			panic(fmt.Errorf("%w: at %s outputs are drawn (sample_at_inference), and a weight gives their mean alone", seam.ErrMerge, at.Site.Path))
		}
		return mean.Matrix()
	}}
}

// draws reports whether z is drawn in this graph.
func (m *method) draws(at *seam.At) bool { return at.Training() || m.c.SampleAtInference }

// noise draws from the standard normal distribution.
func (m *method) noise(at *seam.At, dims []int) *seam.Node {
	seed, set := m.seed()
	switch {
	case !at.Training():
		return at.Once(fmt.Sprint("noise", dims), func() *seam.Node {
			flat := make([]float32, size(dims))
			torchrand.NewGenerator(seed).Normal(flat, 0, 1)
			return graph.Const(at.Graph(), tensors.FromFlatDataAndDimensions(flat, dims...))
		})
	case !set:
		return at.Normal(dims...)
	}
	radius := graph.Sqrt(graph.MulScalar(graph.Log(uniform(at, seed, "radius", dims)), -2))
	return graph.Mul(radius, graph.Cos(graph.MulScalar(uniform(at, seed, "angle", dims), 2*math.Pi)))
}

// uniform draws from (0, 1) while training, other numbers for another seed.
func uniform(at *seam.At, seed int64, purpose string, dims []int) *seam.Node {
	word := graph.Scalar(at.Graph(), dtypes.Uint32, seeded.Rand(uint64(seed), purpose).Uint32())
	bits := graph.BitwiseXor(at.Bits(dims...), word)
	bits = graph.BitwiseShiftRightLogical(bits, graph.Scalar(at.Graph(), dtypes.Uint32, 9)) // 23 bits
	return graph.MulScalar(graph.AddScalar(graph.ConvertDType(bits, dtypes.Float32), 0.5), 1.0/(1<<23))
}

func size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}
