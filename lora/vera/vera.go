package vera

import (
	"fmt"
	"math"

	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/lora/internal/shared"
	"github.com/gopeft/gopeft/peft/seam"
)

// method is VeRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Rower       = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Ignorer     = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// Names of the values.
const (
	nameA, nameB = "vera_A", "vera_B" // of the whole adapter
	nameD        = "vera_lambda_d"
	nameOut      = "vera_lambda_b"
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
	plan.Params = append(plan.Params,
		shared.Projection(nameA, *m.c.SaveProjection, m.c.R, in),
		shared.Projection(nameB, *m.c.SaveProjection, out, m.c.R))
	return plan, nil
}

// params are the values of one site.
func (m *method) params(s seam.Site) ([]seam.Param, error) {
	d := seam.Param{Name: nameD, Shape: []int{m.c.R}, Fill: float32(m.c.Initial)}
	b := seam.Param{Name: nameOut, Shape: []int{s.Out}}
	if !*m.c.InitWeights {
		d.Init, b.Init = seam.Normal(1), shared.Ones
	}
	return []seam.Param{b, d}, nil
}

// Initialize implements seam.Initializer: it draws A and then B as HF PEFT does, Kaiming's uniform with the gain of a ReLU.
func (m *method) Initialize(in *seam.Init) error {
	return shared.Draw(in, func() [][]float32 {
		a, _ := in.Value("", nameA)
		b, _ := in.Value("", nameB)
		g := torchrand.NewGenerator(int64(m.c.Seed))
		return [][]float32{shared.Kaiming(g, len(a), len(a)/m.c.R), shared.Kaiming(g, len(b), m.c.R)}
	}, nameA, nameB)
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	a := at.Weight(shared.Columns(at.Global(nameA), at.Site.In))
	b := at.Weight(shared.Rows(at.Global(nameB), at.Site.Out))
	update := at.Times(at.Diagonal(at.Param(nameOut)), b, at.Diagonal(at.Param(nameD)), at.Dropped(a, m.c.Dropout))
	w.Map = at.Plus(w.Map, shared.Narrow(at, update, m.c.R, m.c.Dropout))
	return w
}

// RowsOK implements seam.Rower.
func (m *method) RowsOK() bool { return true }

// Ignores implements seam.Ignorer: where SaveProjection is off, HF PEFT passes over projections that a file has nevertheless.
func (m *method) Ignores(key string) bool {
	return !*m.c.SaveProjection && (key == "base_model."+nameA || key == "base_model."+nameB)
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "b starts as ones and d at random"
	}
	return 0, ""
}
