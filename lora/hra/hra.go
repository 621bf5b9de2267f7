package hra

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/batched"
	"github.com/gopeft/gopeft/peft/seam"
)

// nameU is a site's value: the vectors, one a column.
const nameU = "hra_u"

// method is HRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("gs=%t", m.c.ApplyGS) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Kinds: []seam.Kind{seam.Linear, seam.Conv}, Bias: m.c.Bias,
	}, func(s seam.Site) ([]seam.Param, error) {
		if s.Kind == seam.Conv && s.Conv.Groups > 1 {
			return nil, &seam.UnsupportedError{Type: "HRA", Option: fmt.Sprintf("a convolution of %d groups, %s", s.Conv.Groups, s.Path)}
		}
		width := s.In * s.Points()
		if m.c.ApplyGS && m.c.R > width {
			return nil, seam.Sitef("r", s, "%d vectors of %d numbers can't be orthogonal to each other", m.c.R, width)
		}
		return []seam.Param{{Name: nameU, Shape: []int{width, m.c.R}, Init: m.draw}}, nil
	})
}

// draw draws the vectors as HF PEFT does, each twice where they are to take each other back.
func (m *method) draw(r *rand.Rand, out []float32) {
	if !m.paired() {
		seam.Uniform(1/math.Sqrt(float64(m.c.R)))(r, out)
		return
	}
	half := make([]float32, len(out)/2)
	seam.Uniform(1/math.Sqrt(float64(m.c.R/2)))(r, half)
	for i, v := range half {
		out[2*i], out[2*i+1] = v, v
	}
}

func (m *method) paired() bool { return *m.c.InitWeights && m.c.R%2 == 0 && !m.c.ApplyGS }

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	u := unit(at.Param(nameU))
	t := at.Jointly(nameU, "inner", gram, m.inner)
	t = graph.Reshape(t, m.c.R, m.c.R)
	ut := graph.MatMul(u, t) // [in, r]
	reflect := func(x, first, second *seam.Node) *seam.Node {
		return graph.Sub(x, at.Dense(at.Dense(x, graph.Transpose(first, 0, 1)), second))
	}
	w.Map = at.Times(w.Map, &seam.MapFunc{
		At: at, Width: u.Shape().Dimensions[0],
		Function:   func(x *seam.Node) *seam.Node { return reflect(x, u, ut) }, // x (I - U T Uᵀ)ᵀ
		Transposed: func(y *seam.Node) *seam.Node { return reflect(y, ut, u) },
	})
	return w
}

// unit gives the vectors with length 1.
func unit(u *seam.Node) *seam.Node {
	return graph.Div(u, graph.Sqrt(graph.ReduceAndKeep(graph.Square(u), graph.ReduceSum, 0)))
}

// gram gives the products of a value's vectors with each other [1, r, r].
func gram(u *seam.Node) *seam.Node {
	u = unit(u)
	return graph.InsertAxes(graph.MatMul(graph.Transpose(u, 0, 1), u), 0)
}

// inner gives T for many such products: 2 (UᵀU)⁻¹, or, without ApplyGS, the inverse of I/2 plus the part of UᵀU above its
// diagonal.
func (m *method) inner(gram *seam.Node) *seam.Node {
	if m.c.ApplyGS {
		return graph.MulScalar(batched.Inverse(gram), 2)
	}
	r := m.c.R
	above := make([][]float32, r)
	for i := range above {
		above[i] = make([]float32, r)
		for j := i + 1; j < r; j++ {
			above[i][j] = 2
		}
	}
	upper := graph.Mul(gram, graph.InsertAxes(graph.Const(gram.Graph(), above), 0))
	one := graph.InsertAxes(batched.Identity(gram.Graph(), r), 0)
	return graph.MulScalar(batched.Inverse(graph.Add(one, upper)), 2)
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if m.paired() {
		return 1e-5, "each reflection is taken back by an equal one, up to rounding"
	}
	return math.Inf(1), "reflections that nothing takes back change the inputs"
}
