package lokr

import (
	"fmt"
	"math"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameScale = "scale"
	name1     = "lokr_w1"
	name1A    = "lokr_w1_a"
	name1B    = "lokr_w1_b"
	name2     = "lokr_w2"
	name2A    = "lokr_w2_a"
	name2B    = "lokr_w2_b"
	nameCore  = "lokr_t2"
)

// method is LoKr with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Rower      = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method. Besides what is built into graphs it holds what decides on the factors' shapes: rows of a
// batch compute together only where their adapters have the same.
func (m *method) GraphKey() string {
	return fmt.Sprintf("rank_dropout=%g,scaled=%t,module_dropout=%g,r=%d,pattern=%v,both=%t,factor=%d,effective=%t",
		m.c.RankDropout, m.c.RankDropoutScale, m.c.ModuleDropout, m.c.R, m.c.RankPattern, m.c.DecomposeBoth, m.c.DecomposeFactor, m.c.UseEffectiveConv2D)
}

// RowsOK implements seam.Rower.
func (m *method) RowsOK() bool { return m.c.RankDropout == 0 && m.c.ModuleDropout == 0 }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Kinds: []seam.Kind{seam.Linear, seam.Conv},
	}, m.params)
	if err != nil {
		return nil, err
	}
	if err := seam.CheckPattern(b, "rank_pattern", m.c.RankPattern, plan.Sites); err != nil {
		return nil, err
	}
	return plan, seam.CheckPattern(b, "alpha_pattern", m.c.AlphaPattern, plan.Sites)
}

// params are the values of one site: two factors, each whole or of two parts, with a core between those of the second at some
// convolutions.
func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r, err := m.c.RankPattern.For(s.Path, m.c.R)
	if err != nil {
		return nil, seam.Fieldf("rank_pattern", "%v", err)
	}
	alpha, err := m.c.AlphaPattern.For(s.Path, m.c.Alpha)
	if err != nil {
		return nil, seam.Fieldf("alpha_pattern", "%v", err)
	}
	in, kernel := s.In, []int(nil)
	if s.Kind == seam.Conv {
		in, kernel = in/s.Conv.Groups, s.Conv.Kernel
	}
	c1, c2 := split(in, m.c.DecomposeFactor)
	o1, o2 := split(s.Out, m.c.DecomposeFactor)

	out := []seam.Param{{Name: nameScale, Const: []float32{float32(alpha / float64(r))}}}
	zero := func(p seam.Param, where seam.Start) seam.Param {
		if m.c.Init == where {
			p.Init = nil
		}
		return p
	}
	if m.c.DecomposeBoth && 2*r < max(o1, c1) {
		out = append(out, zero(factor(name1A, o1, r), seam.Drawn), factor(name1B, r, c1))
	} else {
		out = append(out, zero(factor(name1, o1, c1), seam.Drawn))
	}
	switch {
	case 2*r >= max(o2, c2):
		out = append(out, zero(factor(name2, append([]int{o2, c2}, kernel...)...), LyCORIS))
	case m.c.UseEffectiveConv2D && s.Points() > 1:
		core := append([]int{r, r}, kernel...)
		if len(kernel) == 1 {
			core = append(core, 1) // HF PEFT has two axes for the kernel here
		}
		out = append(out, factor(name2A, r, o2), zero(factor(name2B, r, c2), LyCORIS), factor(nameCore, core...))
	default:
		out = append(out, factor(name2A, o2, r), zero(factor(name2B, r, c2*s.Points()), LyCORIS))
	}
	return out, nil
}

func factor(name string, shape ...int) seam.Param {
	return seam.Param{Name: name, Shape: shape, Init: seam.Kaiming(shape...)}
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if m.c.Init == seam.Random {
		return math.Inf(1), "both factors are random"
	}
	return 0, ""
}
