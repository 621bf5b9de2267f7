package loha

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// method is LoHa with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string {
	return fmt.Sprintf("rank_dropout=%g,module_dropout=%g", m.c.RankDropout, m.c.ModuleDropout)
}

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

// params are the values of one site: two pairs of factors, and at a convolution perhaps a core for each.
func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r, err := m.c.RankPattern.For(s.Path, m.c.R)
	if err != nil {
		return nil, seam.Fieldf("rank_pattern", "%v", err)
	}
	alpha, err := m.c.AlphaPattern.For(s.Path, m.c.Alpha)
	if err != nil {
		return nil, seam.Fieldf("alpha_pattern", "%v", err)
	}
	in := s.In
	if s.Kind == seam.Conv {
		in /= s.Conv.Groups
	}
	var core []int
	a, b := []int{s.Out, r}, []int{r, in}
	if s.Kind == seam.Conv && m.c.UseEffectiveConv2D && s.Points() > 1 {
		a, core = []int{r, s.Out}, append([]int{r, r}, s.Conv.Kernel...)
		if len(s.Conv.Kernel) == 1 {
			core = append(core, 1) // as HF PEFT's
		}
	} else if s.Kind == seam.Conv {
		b[1] *= s.Points()
	}
	out := []seam.Param{{Name: "scale", Const: []float32{float32(alpha / float64(r))}}}
	for _, side := range []string{"1", "2"} {
		first, second := kaiming("hada_w"+side+"_a", a), kaiming("hada_w"+side+"_b", b)
		if side == "2" && *m.c.InitWeights {
			second.Init = nil
		}
		out = append(out, first, second)
		if core != nil {
			out = append(out, kaiming("hada_t"+side, core))
		}
	}
	return out, nil
}

func kaiming(name string, shape []int) seam.Param {
	return seam.Param{Name: name, Shape: shape, Init: seam.Kaiming(shape...)}
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	delta := graph.Mul(half(at, "1"), half(at, "2"))
	update := at.Scaled(at.Param("scale"), at.Weight(delta))
	w.Map = at.Plus(w.Map, at.Skipped(at.Thinned(update, m.c.RankDropout), m.c.ModuleDropout))
	return w
}

// half is A B [out, in], or the core between them [out, in · kernel].
func half(at *seam.At, side string) *seam.Node {
	a, b := at.Param("hada_w"+side+"_a"), at.Param("hada_w"+side+"_b")
	if !at.HasParam("hada_t" + side) {
		return graph.MatMul(a, b)
	}
	core := at.Param("hada_t" + side) // [r (of out), r (of in), kernel…]
	d := core.Shape().Dimensions
	full := graph.Dot(a, graph.Reshape(core, d[0], -1)).General([]int{0}, nil, []int{0}, nil)             // [out, r · kernel]
	full = graph.Dot(graph.Reshape(full, -1, d[1], size(d[2:])), b).General([]int{1}, nil, []int{0}, nil) // [out, kernel, in]
	return graph.Reshape(graph.Transpose(full, 1, 2), at.Site.Out, -1)
}

func size(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "every factor is random"
	}
	return 0, ""
}
