package deft

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/batched"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameScale = "scale"
	nameP     = "deft_P"
	nameR     = "deft_R"
)

// method is DEFT with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Rower       = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string {
	return fmt.Sprintf("%s,para=%t,dropout=%g", m.c.Decomposition, m.c.PaRa, m.c.Dropout)
}

// RowsOK implements seam.Rower: there is no orthonormal factor of a P that is filled up with zeros.
func (m *method) RowsOK() bool { return m.c.Decomposition == ReLU }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Bias: m.c.Bias,
	}, m.params)
}

func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r := min(m.c.R, s.Out)
	p := seam.Param{Name: nameP, Shape: []int{s.Out, r}, Init: seam.Normal(0.02)}
	if m.c.PaRa {
		return []seam.Param{p}, nil
	}
	inject := seam.Param{Name: nameR, Shape: []int{r, s.In}}
	if !*m.c.InitWeights {
		inject.Init = seam.Normal(0.02 * m.c.InitScale)
	}
	return []seam.Param{{Name: nameScale, Const: []float32{m.scale(r)}}, p, inject}, nil
}

func (m *method) scale(r int) float32 {
	if m.c.Alpha == 0 {
		return 1
	}
	return float32(m.c.Alpha / float64(r))
}

// Weight implements seam.WeightHook. Nᵀ W is a small product, so that the input meets no matrix but W, Q and one [r, in].
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	q, n := m.directions(at)
	frozen := at.Frozen()
	out := graph.Neg(frozen.(seam.Transposer).ApplyTransposed(at.Transpose(n))) // [r, in]
	var inner seam.Map
	switch {
	case m.c.PaRa:
		inner = at.Weight(out)
	case at.Training() && m.c.Dropout > 0:
		inner = at.Plus(at.Weight(out), at.Dropped(at.Scaled(at.Param(nameScale), at.Weight(at.Param(nameR))), m.c.Dropout))
	default:
		inject := at.Param(nameR)
		inner = at.Weight(graph.Add(out, graph.Mul(inject, at.Spread(at.Param(nameScale), inject))))
	}
	w.Map = at.Plus(w.Map, at.Times(at.Weight(q), inner))
	return w
}

// directions are Q and N, [out, r].
func (m *method) directions(at *seam.At) (q, n *seam.Node) {
	p := at.Param(nameP)
	if m.c.Decomposition == ReLU {
		return p, graph.Max(p, graph.ZerosLike(p))
	}
	one := func(p *seam.Node) *seam.Node { return graph.InsertAxes(p, 0) }
	q = graph.Reshape(at.Jointly(nameP, "qr", one, batched.Orthonormal), p.Shape().Dimensions...)
	return q, q
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	switch {
	case m.c.PaRa:
		return math.Inf(1), "directions are taken out of the weight, with nothing in their place"
	case !*m.c.InitWeights:
		return math.Inf(1), "R is random"
	}
	return 1e-5, "what is taken out and what stands in its place are rounded otherwise"
}
