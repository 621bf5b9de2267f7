package glora

import (
	"math"
	"regexp"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// method is GLoRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Ignorer    = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method: the forms can be told from the values.
func (*method) GraphKey() string { return "" }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	some := false
	plan, err := b.PlanSites(seam.Selector{Targets: m.c.Targets, Bias: m.c.Bias}, func(s seam.Site) ([]seam.Param, error) {
		_, biased := b.Shape(s.Path + ".bias")
		out := m.params(s, biased)
		some = some || len(out) > 0
		return out, nil
	})
	if err == nil && !some {
		err = seam.Fieldf("config_A_B", "%q with config_C %q and config_D_E %q leaves nothing to train on these targets", m.c.AB, m.c.C, m.c.DE)
	}
	return plan, err
}

// params are the values of one site, those of the bias only where it has one.
func (m *method) params(s seam.Site, biased bool) []seam.Param {
	r := m.c.R
	out := append(m.path("glora_A", m.c.AB, s.Out, s.In, r), m.path("glora_B", m.c.AB, s.Out, s.In, r)...)
	if !biased {
		return out
	}
	out = append(out, m.path("glora_C", m.c.C, s.In, 1, r)...)
	for _, name := range []string{"glora_D", "glora_E"} {
		out = append(out, m.path(name, m.c.DE, s.Out, 0, r)...)
	}
	return out
}

// path is one of A to E as a matrix [rows, columns], or with 0 columns as a vector.
func (m *method) path(name, form string, rows, columns, r int) []seam.Param {
	value := func(name string, init bool, shape ...int) seam.Param {
		p := seam.Param{Name: name, Shape: shape}
		switch {
		case !init:
		case form == Constant:
			p.Init = seam.Normal(0.02)
		case len(shape) == 1:
			p.Init = seam.Kaiming(1, shape[0])
		default:
			p.Init = seam.Kaiming(shape...)
		}
		return p
	}
	random := !*m.c.InitWeights
	switch {
	case form == LowRank:
		return []seam.Param{value(name+".Xd", random, rows, r), value(name+".Xu", true, r, columns)}
	case form == Vector && columns == 0:
		return []seam.Param{value(name+".X", random, rows)}
	case form == Vector:
		return []seam.Param{value(name+".X", random, rows, 1)}
	case form == Constant:
		return []seam.Param{value(name+".X", random, 1)}
	}
	return nil
}

// left are the zeros that HF PEFT writes for what is left out.
var left = regexp.MustCompile(`\.glora_[A-E]\.zeros$`)

// Ignores implements seam.Ignorer.
func (*method) Ignores(key string) bool { return left.MatchString(key) }

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	if a := read(at, "glora_A"); a != nil {
		frozen := at.Frozen().Matrix()
		delta := graph.Mul(frozen, wide(a, frozen))
		w.Map = at.Plus(w.Map, at.Weight(graph.Add(delta, wide(read(at, "glora_B"), frozen))))
	}
	if d := read(at, "glora_D"); d != nil {
		base := at.Base("bias")
		w = at.AddBias(w, graph.Add(graph.Mul(base, wide(d, base)), wide(read(at, "glora_E"), base)))
	}
	if c := read(at, "glora_C"); c != nil {
		w = at.AddBias(w, graph.Reshape(at.Frozen().Apply(at.Transpose(c)), at.Site.Out))
	}
	return w
}

// read gives one of A to E, as a matrix where it is of low rank, or nil where it is left out.
func read(at *seam.At, name string) *seam.Node {
	switch {
	case at.HasParam(name + ".Xd"):
		return graph.MatMul(at.Param(name+".Xd"), at.Param(name+".Xu"))
	case at.HasParam(name + ".X"):
		return at.Param(name + ".X")
	}
	return nil
}

// wide shapes a value, a column or a single number so that it meets like.
func wide(v, like *seam.Node) *seam.Node {
	for v.Rank() < like.Rank() {
		v = graph.InsertAxes(v, -1)
	}
	return graph.BroadcastToDims(v, like.Shape().Dimensions...)
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "every value is random"
	}
	return 0, ""
}
