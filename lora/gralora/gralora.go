package gralora

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameScale    = "scale"
	nameA, nameB = "gralora_A", "gralora_B"
	wholeA       = "gralora_A_general.weight"
	wholeB       = "gralora_B_general.weight"
)

// method is GraLoRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("dropout=%g", m.c.Dropout) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{
		Targets: m.c.Targets, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern, Bias: m.c.Bias,
	}, m.params)
}

func (m *method) params(s seam.Site) ([]seam.Param, error) {
	n, r, h := m.c.K, m.c.R, m.c.HybridR
	if s.In%n != 0 || s.Out%n != 0 {
		return nil, seam.Sitef("gralora_k", s, "%d does not divide the widths", n)
	}
	up := func(name string, fanIn int, shape ...int) seam.Param {
		p := seam.Param{Name: name, Shape: shape}
		if !*m.c.InitWeights {
			p.Init = seam.Kaiming(1, fanIn)
		}
		return p
	}
	out := []seam.Param{
		{Name: nameScale, Const: []float32{float32(m.c.Alpha / float64(r+h))}},
		{Name: nameA, Shape: []int{n, s.In / n, r}, Init: seam.Kaiming(1, s.In/n)},
		up(nameB, r, n, r, s.Out/n),
	}
	if h > 0 {
		out = append(out, seam.Param{Name: wholeA, Shape: []int{h, s.In}, Init: seam.Kaiming(h, s.In)}, up(wholeB, h, s.Out, h))
	}
	return out, nil
}

// Weight implements seam.WeightHook. The input goes by its stretches through the columns of blocks, what comes out is dealt
// to the rows, and goes through these.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	a, b := at.Transpose(at.Param(nameA)), at.Transpose(at.Param(nameB)) // [N, r, in/N], [N, out/N, r]
	d := a.Shape().Dimensions
	grid := at.Times(at.Blocks(b), dealt(at, d[0], d[1]), at.Blocks(a))
	parts := []seam.Map{w.Map, at.Dropped(at.Scaled(at.Param(nameScale), grid), m.c.Dropout)}
	if at.HasParam(wholeA) {
		whole := at.Times(at.Weight(at.Param(wholeB)), at.Weight(at.Param(wholeA)))
		parts = append(parts, at.Dropped(at.Scaled(at.Param(nameScale), whole), m.c.Dropout))
	}
	w.Map = at.Plus(parts...)
	return w
}

// dealt gives each of n stretches of r numbers the others' parts for it: it swaps the two first of the axes [n, n, r/n] of
// what it maps, and is its own transpose.
func dealt(at *seam.At, n, r int) seam.Map {
	swap := func(x *seam.Node) *seam.Node {
		d := x.Shape().Dimensions
		lead := d[: len(d)-1 : len(d)-1]
		return graph.Reshape(graph.Transpose(graph.Reshape(x, append(lead, n, n, r/n)...), -3, -2), d...)
	}
	return &seam.MapFunc{At: at, Width: n * r, Function: swap, Transposed: swap}
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "A and B are both random"
	}
	return 0, ""
}
