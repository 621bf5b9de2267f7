package peanut

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/activation"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameScale = "scale"
	nameA     = "peanut_A.weight"
	nameB     = "peanut_B.weight"
)

func encoder(i int) string { return fmt.Sprintf("peanut_encoders.%d.weight", i) }
func decoder(i int) string { return fmt.Sprintf("peanut_decoders.%d.weight", i) }

// method is PEANuT with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("depth=%d,%s", m.c.Depth, m.c.Activation) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
	}, m.params)
}

func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r := m.c.R
	layer := func(name string, shape ...int) seam.Param {
		return seam.Param{Name: name, Shape: shape, Init: seam.Kaiming(shape...)}
	}
	out := []seam.Param{{Name: nameScale, Const: []float32{float32(m.c.Scaling)}}, layer(nameA, r, s.Out), layer(nameB, s.Out, r)}
	if *m.c.InitWeights {
		out[2].Init = nil
	}
	for i := range m.c.Depth {
		out = append(out, layer(encoder(i), r, r))
	}
	for i := range m.c.Depth {
		out = append(out, layer(decoder(i), r, r))
	}
	return out, nil
}

// Weight implements seam.WeightHook. The update is B times a matrix [r, in], which are applied one after the other.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	f := activation.Named(m.c.Activation)
	h := f(at.Frozen().(seam.Transposer).ApplyTransposed(at.Param(nameA))) // A W, [r, in]
	var given []*seam.Node
	for i := range m.c.Depth {
		given = append(given, h)
		h = f(graph.MatMul(at.Param(encoder(i)), h))
	}
	for i := range m.c.Depth {
		h = graph.Add(f(graph.MatMul(at.Param(decoder(i)), h)), given[m.c.Depth-1-i])
	}
	update := at.Times(at.Weight(at.Param(nameB)), at.Weight(h))
	w.Map = at.Plus(w.Map, at.Scaled(at.Param(nameScale), update))
	return w
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "every layer is random"
	}
	return 0, ""
}
