package adalora

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameA, nameB, nameE = "lora_A", "lora_B", "lora_E"
	nameScale           = "scale"
)

// method is AdaLoRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Regularizer = (*method)(nil)
	_ seam.Rower       = (*method)(nil)
	_ seam.Stepper     = (*method)(nil)
	_ seam.Exporter    = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string {
	return fmt.Sprintf("drop=%g,orth=%g,task=%t", m.c.Dropout, m.c.OrthRegWeight, m.c.TaskType != "")
}

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Kinds: []seam.Kind{seam.Linear, seam.Conv}, Bias: m.c.Bias,
	}, m.params)
	if err != nil {
		return nil, err
	}
	for key := range m.c.RankPattern {
		if !slices.ContainsFunc(plan.Sites, func(path string) bool { return patternKey(path) == key }) {
			return nil, seam.Fieldf("rank_pattern", "%q is lora_E of none of the targets", key)
		}
	}
	for _, s := range b.OfKind(seam.Conv) { // a smaller rank can't be padded where groups share it out
		plan.Alone = plan.Alone || s.Conv.Groups > 1 && slices.Contains(plan.Sites, s.Path)
	}
	if m.c.R != 8 {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("r: %d does nothing: AdaLoRA's rank is init_r, %d", m.c.R, m.c.InitR))
	}
	return plan, nil
}

// patternKey is a site's key in rank_pattern.
func patternKey(path string) string { return path + "." + nameE }

// params are the values of one site.
func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r := m.c.InitR
	if kept, ok := m.c.RankPattern[patternKey(s.Path)]; ok {
		r = count(kept)
	}
	in := s.In
	if s.Kind == seam.Conv {
		in = in / s.Conv.Groups * s.Points()
	}
	alpha := m.c.Alpha
	if alpha <= seam.Zero { // an explicit 0 among them
		alpha = float64(m.c.InitR)
	}
	a := seam.Param{Name: nameA, Shape: []int{r, in}, Init: seam.Normal(0.02)}
	b := seam.Param{Name: nameB, Shape: []int{s.Out, r}, Init: seam.Normal(0.02)}
	e := seam.Param{Name: nameE, Shape: []int{r, 1}}
	if !*m.c.InitWeights {
		a.Init, b.Init, e.Init = seam.Normal(1), seam.Normal(1), seam.Normal(1)
	}
	// float32 as torch has it: the divisor is that of the first rank, also where fewer are left.
	scale := float32(alpha) / (float32(m.c.InitR) + 1e-5)
	return []seam.Param{a, b, e, {Name: nameScale, Const: []float32{scale}, Counted: true}}, nil
}

func count(kept []bool) int {
	n := 0
	for _, yes := range kept {
		if yes {
			n++
		}
	}
	return n
}

// RowsOK implements seam.Rower: a rank whose E is 0 does nothing.
func (m *method) RowsOK() bool { return true }

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	a, b, e := at.Param(nameA), at.Param(nameB), at.Param(nameE)
	if a.Shape().Size() == 0 { // no rank is left
		return w
	}
	update := at.Times(at.Weight(b), at.Diagonal(flat(e)), at.Weight(kernels(at, a)))
	if s := at.Site; s.Kind == seam.Conv && s.Conv.Groups > 1 { // A reads one group's channels as any other's
		update = at.Weight(graph.MatMul(b, graph.Mul(a, e)))
	}
	w.Map = at.Plus(w.Map, at.Dropped(at.Scaled(at.Param(nameScale), update), m.c.Dropout))
	return w
}

// flat gives [n] for E [n, 1].
func flat(e *seam.Node) *seam.Node {
	d := e.Shape().Dimensions
	return graph.Reshape(e, d[:len(d)-1]...)
}

// kernels gives A the axes of a convolution's weight, where the site is one.
func kernels(at *seam.At, a *seam.Node) *seam.Node {
	s := at.Site
	if s.Kind != seam.Conv || s.Conv.Groups > 1 {
		return a
	}
	d := a.Shape().Dimensions
	return graph.Reshape(a, slices.Concat(d[:len(d)-1], []int{s.In}, s.Conv.Kernel)...)
}

// Penalty implements seam.Regularizer.
func (m *method) Penalty(at *seam.At) *seam.Node {
	if m.c.OrthRegWeight <= seam.Zero || m.c.TaskType == "" {
		return nil
	}
	var total *seam.Node
	n := 0
	for _, path := range at.SitesWith(nameA) {
		a, b := at.ParamOf(path, nameA), at.ParamOf(path, nameB)
		for _, gram := range []*seam.Node{graph.MatMul(a, graph.Transpose(a, 0, 1)), graph.MatMul(graph.Transpose(b, 0, 1), b)} {
			n++
			r := gram.Shape().Dimensions[0]
			if r == 0 {
				continue
			}
			off := graph.Sub(gram, graph.ConvertDType(graph.Diagonal(gram.Graph(), r), gram.DType()))
			norm := graph.Sqrt(graph.Max(graph.ReduceAllSum(graph.Square(off)), graph.Scalar(gram.Graph(), gram.DType(), 1e-30)))
			if total == nil {
				total = norm
			} else {
				total = graph.Add(total, norm)
			}
		}
	}
	if total == nil {
		return nil
	}
	return graph.MulScalar(total, m.c.OrthRegWeight/float64(n))
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "A, B and E are all random"
	}
	return 0, ""
}
