package randlora

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/lora/internal/shared"
	"github.com/gopeft/gopeft/peft/seam"
)

// method is RandLoRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Ignorer     = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// Names of the values.
const (
	nameA, nameB = "randlora_A", "randlora_B" // of the whole adapter
	nameLambda   = "randlora_lambda"
	nameGamma    = "randlora_gamma"
	nameScale    = "scale"
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("dropout=%g", m.c.Dropout) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern, Bias: m.c.Bias,
	}, m.params)
	if err != nil {
		return nil, err
	}
	in, out := shared.Largest(b, plan)
	small, large := min(in, out), max(in, out)
	a := shared.Projection(nameA, *m.c.SaveProjection, m.c.R, 1, small)
	bases := shared.Projection(nameB, *m.c.SaveProjection, large, m.bases(small), m.c.R)
	a.AlsoAt, bases.AlsoAt = plan.Sites, plan.Sites
	plan.Params = append(plan.Params, a, bases)
	return plan, nil
}

// bases is how many bases of rank R there are for a map whose smaller width is n.
func (m *method) bases(n int) int { return (n + m.c.R - 1) / m.c.R }

// params are the values of one site.
func (m *method) params(s seam.Site) ([]seam.Param, error) {
	small, large := min(s.In, s.Out), max(s.In, s.Out)
	n := m.bases(small)
	lambda := seam.Param{Name: nameLambda, Shape: []int{m.c.R, n}}
	gamma := seam.Param{Name: nameGamma, Shape: []int{n, small}, Fill: 1 / float32(max(n, small))}
	if !*m.c.InitWeights {
		lambda.Init, gamma.Fill = seam.Normal(1), 1/float32(large)
	}
	return []seam.Param{gamma, lambda, {Name: nameScale, Const: []float32{float32(m.c.Alpha / float64(m.c.R))}}}, nil
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	small, large := min(at.Site.In, at.Site.Out), max(at.Site.In, at.Site.Out)
	n := m.bases(small)
	a := shared.Columns(at.Global(nameA), small) // [r, 1, small]
	a = graph.Mul(graph.Mul(graph.InsertAxes(at.Param(nameLambda), -1), a), graph.InsertAxes(at.Param(nameGamma), 0))
	a = graph.Reshape(a, m.c.R*n, small)
	b := graph.Slice(at.Global(nameB), graph.AxisRange(0, large), graph.AxisRange(0, n), graph.AxisRange())
	b = graph.Reshape(b, large, n*m.c.R)
	first, second := a, b
	if small != at.Site.In {
		first, second = at.Transpose(b), at.Transpose(a)
	}
	update := at.Scaled(at.Param(nameScale), at.Times(at.Weight(second), at.Dropped(at.Weight(first), m.c.Dropout)))
	w.Map = at.Plus(w.Map, shared.Narrow(at, update, n*m.c.R, m.c.Dropout))
	return w
}

// Ignores implements seam.Ignorer: where SaveProjection is off, HF PEFT passes over bases that a file has nevertheless.
func (m *method) Ignores(key string) bool {
	return !*m.c.SaveProjection && (key == "base_model."+nameA || key == "base_model."+nameB)
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "lambda starts at random"
	}
	return 0, ""
}
