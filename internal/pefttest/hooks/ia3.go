package hooks

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// IA3 is (IA)^3: a learned vector scales the output of a linear map, or its input where the map is one of the
// feed-forward modules. Zero values mean HF PEFT's defaults.
type IA3 struct {
	seam.Common

	Targets     seam.Targets `json:"target_modules" default:"null"`
	Exclude     seam.Targets `json:"exclude_modules" default:"null"`
	FeedForward seam.Targets `json:"feedforward_modules" default:"null"` // those whose input is scaled
	FanInFanOut bool         `json:"fan_in_fan_out" default:"false"`
	Init        *bool        `json:"init_ia3_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{
		New:            func() seam.Config { return new(IA3) },
		DefaultTargets: map[string]seam.Targets{"bert": seam.Match("key", "value", "output.dense")},
	})
}

// PEFTType implements seam.Config.
func (*IA3) PEFTType() string { return "IA3" }

// SetTargets records the resolved target_modules for the adapter's file.
func (c *IA3) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *IA3) Method() (seam.Method, error) {
	m := &ia3{c: seam.WithDefaults(*c)}
	if m.c.Targets.IsDefault() && m.c.FeedForward.IsDefault() {
		m.c.FeedForward = seam.Match("output.dense")
	}
	return m, nil
}

// Names of a site's vector, by what it scales; both are "ia3_l" in the file.
const scaleIn, scaleOut = "ia3_in", "ia3_out"

type ia3 struct{ c IA3 }

var (
	_ seam.LinearHook = (*ia3)(nil)
	_ seam.Merger     = (*ia3)(nil)
	_ seam.Rower      = (*ia3)(nil)
)

func (m *ia3) GraphKey() string { return "" }

// RowsOK implements seam.Rower: both scales are 1 for rows that are not theirs.
func (m *ia3) RowsOK() bool { return true }

func (m *ia3) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	sites, targets, err := b.Select(seam.Selector{Targets: m.c.Targets, Exclude: m.c.Exclude})
	if err != nil {
		return nil, err
	}
	inner := map[string]bool{}
	if m.c.FeedForward.IsPattern() || len(m.c.FeedForward.Names()) > 0 {
		forward, _, err := b.Select(seam.Selector{Targets: m.c.FeedForward})
		if err != nil {
			return nil, err
		}
		for _, s := range forward {
			inner[s.Path] = true
		}
	}
	plan := &seam.Plan{Targets: targets}
	for _, s := range sites {
		p := seam.Param{Site: s.Path, Name: scaleOut, Key: "base_model.model." + s.Path + ".ia3_l", Shape: []int{s.Out, 1}, Fill: 1}
		if inner[s.Path] {
			p.Name, p.Shape = scaleIn, []int{1, s.In}
		}
		if !*m.c.Init {
			p.Init = seam.Normal(1)
		}
		plan.Sites, plan.Params = append(plan.Sites, s.Path), append(plan.Params, p)
	}
	return plan, nil
}

func (m *ia3) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	if at.HasParam(scaleIn) {
		x = graph.Mul(x, at.Spread(vector(at, scaleIn), x))
	}
	y := next(x)
	if at.HasParam(scaleOut) {
		y = graph.Mul(y, at.Spread(vector(at, scaleOut), y))
	}
	return y
}

// vector drops the axis of length 1 that HF PEFT keeps.
func vector(at *seam.At, name string) *seam.Node {
	l := at.Param(name)
	dims := l.Shape().Dimensions
	if at.ByRow() {
		return graph.Reshape(l, dims[0], dims[1]*dims[2])
	}
	return graph.Reshape(l, dims[0]*dims[1])
}

func (m *ia3) Merge(at *seam.At, w seam.Weights) seam.Weights {
	if at.HasParam(scaleIn) {
		w.Weight = graph.Mul(w.Weight, at.Param(scaleIn)) // [out, in] [1, in]
		return w
	}
	l := at.Param(scaleOut)
	w.Weight = graph.Mul(w.Weight, l) // [out, in] [out, 1]
	if w.Bias != nil {
		w.Bias = graph.Mul(w.Bias, graph.Squeeze(l, 1))
	}
	return w
}
