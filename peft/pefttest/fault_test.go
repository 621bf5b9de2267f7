package pefttest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/seam"
)

var planted = faults()

func init() {
	for _, f := range append(planted, fault{name: "honest"}, fault{name: "norms", wrap: func(*toy) seam.Method { return norms{} }}) {
		seam.Register(seam.Spec{New: func() peft.Config {
			if f.config != nil {
				return f.config(&f)
			}
			return &toyConfig{kind: &f}
		}})
	}
}

// caseOf is the case that a fault is tried with.
func caseOf(f fault) pefttest.Case {
	text := fmt.Sprintf(`{"peft_type": "TOY %s", "target_modules": ["query", "value"]}`, f.name)
	return pefttest.Case{Name: f.name, JSON: text, Backbone: f.backbone}
}

func TestHonestMethodPasses(t *testing.T) {
	c := caseOf(fault{name: "honest"})
	c.Trainable = 2 * 2 * (8 + 8) // two maps of 8 to 8, rank 2
	c.Bad = []pefttest.Bad{{Change: `{"r": 101}`, Field: "r"}, {Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"}}
	pefttest.Conform(t, c)
}

// Every planted fault breaks the law aimed at.
func TestFaults(t *testing.T) {
	for _, f := range planted {
		t.Run(f.name, func(t *testing.T) {
			require.Subset(t, broken(pefttest.Check(caseOf(f))), strings.Fields(f.laws))
		})
	}
}

// Faults in a case, not in the method.
func TestFaultyCases(t *testing.T) {
	honest := caseOf(fault{name: "honest"})
	honest.Trainable = 63
	require.Equal(t, []string{"params/count"}, broken(pefttest.Check(honest)))

	honest = caseOf(fault{name: "honest"})
	honest.Bad = []pefttest.Bad{{Change: `{"alpha": 3}`, Field: "alpha"}}
	require.Equal(t, []string{"config/bad"}, broken(pefttest.Check(honest)))
}

// The error says which case, which law and what was seen.
func TestLawErrorSpeaks(t *testing.T) {
	err := pefttest.Check(caseOf(fault{name: "shifted start"}))
	require.ErrorContains(t, err, "shifted start breaks init/identity: outputs with a fresh adapter: got [")
	err = pefttest.Check(caseOf(fault{name: "panic in a hook"}))
	require.ErrorContains(t, err, "the hook is broken")
}

// broken lists the laws in what Check gives.
func broken(err error) (laws []string) {
	var one *pefttest.LawError
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			laws = append(laws, broken(e)...)
		}
	} else if errors.As(err, &one) {
		laws = append(laws, one.Law)
	}
	return laws
}

func faults() []fault {
	hook := func(f hookFunc) func(*toy) seam.Method { return func(m *toy) seam.Method { return &otherHook{m, f} } }
	plan := func(f func(*seam.Plan)) func(*toy) seam.Method {
		return func(m *toy) seam.Method { return &otherPlan{m, f} }
	}
	return []fault{
		{name: "merge without scale", laws: "merge/equivalent tolora", wrap: func(m *toy) seam.Method { return &unscaledMerge{m} }},
		{name: "shifted start", laws: "init/identity", wrap: hook(func(m *toy, at *seam.At, x, y *seam.Node) *seam.Node {
			return graph.AddScalar(graph.Add(y, m.update(at, x)), 1e-5)
		})},
		{name: "wrong count", laws: "params/count", wrap: plan(func(p *seam.Plan) { p.Params[0].InPlace = true })},
		{name: "one key twice", laws: "params/count", wrap: plan(func(p *seam.Plan) { p.Params[1].Key = p.Params[4].FileKey() })},
		{name: "dead adapter", laws: "train/isolation", wrap: hook(func(_ *toy, _ *seam.At, _, y *seam.Node) *seam.Node { return y })},
		{name: "half dead adapter", laws: "train/isolation", wrap: hook(func(m *toy, at *seam.At, x, y *seam.Node) *seam.Node {
			a := graph.StopGradient(at.Param("toy_A"))
			return graph.Add(y, at.Dense(at.Dense(x, a), at.Param("toy_B")))
		})},
		{name: "uphill", laws: "train/learns", wrap: hook(func(m *toy, at *seam.At, x, y *seam.Node) *seam.Node {
			return graph.Add(y, bent(m.update(at, x), -1))
		})},
		{name: "panic in a hook", laws: "init/identity", wrap: hook(func(*toy, *seam.At, *seam.Node, *seam.Node) *seam.Node {
			panic("the hook is broken")
		})},
		{name: "panic in a plan", laws: "config/bad", wrap: plan(func(*seam.Plan) { panic("the plan is broken") })},
		drift("base drift"),
		{name: "unseeded start", laws: "seed/deterministic", wrap: plan(func(p *seam.Plan) {
			p.Params[0].Init = func(_ *rand.Rand, out []float32) { out[0] = rand.Float32() }
		})},
		{name: "one start for all seeds", laws: "seed/deterministic", wrap: plan(func(p *seam.Plan) {
			for i := range p.Params {
				if p.Params[i].Init != nil {
					p.Params[i].Init = func(_ *rand.Rand, out []float32) { out[0] = 1 }
				}
			}
		})},
		{name: "key lost on save", laws: "save/roundtrip", wrap: func(m *toy) seam.Method { return &lossy{m} }},
		{name: "gradient off by 1%", laws: "grad/finite-difference", wrap: hook(func(m *toy, at *seam.At, x, y *seam.Node) *seam.Node {
			return graph.Add(y, bent(m.update(at, x), 1.01))
		})},
		{name: "value built in", laws: "graph/stable two/adapters", wrap: func(m *toy) seam.Method { return &builtIn{toy: m} }},
		{name: "setting not in the key", laws: "graph/key", wrap: func(m *toy) seam.Method { return &keyless{m} }},
		{name: "rows ignored", laws: "rows", wrap: hook(func(m *toy, at *seam.At, x, y *seam.Node) *seam.Node {
			if !at.ByRow() {
				return graph.Add(y, m.update(at, x))
			}
			return graph.Add(y, graph.ReduceAndKeep(m.update(at, x), graph.ReduceMean, 0))
		})},
		{name: "overflow in half", laws: "half", wrap: hook(func(m *toy, at *seam.At, x, y *seam.Node) *seam.Node {
			// 1/(rounding error of the weight): harmless in float32 only.
			w := at.Base("weight")
			kept := graph.ConvertDType(graph.ConvertDType(w, dtypes.BFloat16), dtypes.Float32)
			return graph.Add(y, graph.Div(m.update(at, x), graph.ReduceAllSum(graph.Abs(graph.Sub(w, kept)))))
		})},
		{name: "forgetful field", laws: "config/roundtrip", config: func(f *fault) peft.Config {
			return &forgetfulConfig{toyConfig: toyConfig{kind: f}}
		}},
		{name: "field of no file", laws: "config/roundtrip", config: func(f *fault) peft.Config {
			return &privateConfig{toyConfig: toyConfig{kind: f}}
		}},
		{name: "trusting", laws: "config/bad", settings: func(c *toyConfig) (*toy, error) {
			m := &toy{seam.WithDefaults(*c)}
			_ = make([]float32, m.c.R)
			return m, nil
		}},
		{name: "zero is not the default", laws: "config/zero-is-default", settings: func(c *toyConfig) (*toy, error) {
			m, err := honestSettings(c)
			if err == nil && c.Alpha == 0 {
				m.c.Alpha = 1
			}
			return m, err
		}},
	}
}

type forgetfulConfig struct {
	toyConfig
	Note forgetful `json:"note" default:"null"`
}

type privateConfig struct {
	toyConfig
	Note string
}

// forgetful is written as null, whatever was read.
type forgetful struct{ names []string }

func (f *forgetful) UnmarshalJSON(raw []byte) error { return json.Unmarshal(raw, &f.names) }

func (forgetful) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

type hookFunc func(m *toy, at *seam.At, x, y *seam.Node) *seam.Node

type otherHook struct {
	*toy
	f hookFunc
}

func (m *otherHook) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	return m.f(m.toy, at, x, next(x))
}

type otherPlan struct {
	*toy
	f func(*seam.Plan)
}

func (m *otherPlan) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	p, err := m.toy.Plan(b)
	if err == nil {
		m.f(p)
	}
	return p, err
}

type unscaledMerge struct{ *toy }

func (m *unscaledMerge) Merge(at *seam.At, w seam.Weights) seam.Weights {
	w.Weight = graph.Add(w.Weight, graph.MatMul(at.Param("toy_B"), at.Param("toy_A")))
	return w
}

type lossy struct{ *toy }

func (*lossy) Export(cfg peft.Config, in *seam.Export) (peft.Config, peft.Tensors, error) {
	delete(in.Values, "base_model.model."+in.Sites[0].Path+".toy_A")
	return cfg, in.Values, nil
}

type keyless struct{ *toy }

func (*keyless) GraphKey() string { return "" }

// builtIn remembers the A that it starts with and computes with A plus that one.
type builtIn struct {
	*toy
	kept atomic.Pointer[[]float32]
}

func (m *builtIn) Initialize(in *seam.Init) error {
	return in.EachSite(func(s seam.Site) error {
		a, err := in.Value(s.Path, "toy_A")
		first := slices.Clone(a)
		m.kept.Store(&first)
		return err
	})
}

func (m *builtIn) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	first := graph.Reshape(graph.Const(at.Graph(), *m.kept.Load()), m.c.R, at.Site.In)
	a := graph.Add(at.Param("toy_A"), graph.MulScalar(first, 0.5))
	return graph.Add(next(x), at.Dense(at.Dense(x, a), at.Param("toy_B")))
}

// bent gives u a gradient that is by times its own.
func bent(u *seam.Node, by float64) *seam.Node {
	return graph.IdentityWithCustomGradient(u, func(_, v *seam.Node) *seam.Node { return graph.MulScalar(v, by) })
}

// drift changes a frozen value when the first adapter starts: the case's backbone is one that the method can reach.
func drift(name string) fault {
	var weight atomic.Pointer[peft.Tensor]
	return fault{
		name: name, laws: "disable/restores",
		backbone: func() (*peft.Backbone, error) {
			b, err := pefttest.Tiny()
			if err != nil {
				return nil, err
			}
			for path, t := range b.Values() {
				if path == "classifier.weight" {
					weight.Store(t)
				}
			}
			return b, nil
		},
		wrap: func(m *toy) seam.Method { return &drifting{m, &weight} },
	}
}

type drifting struct {
	*toy
	weight *atomic.Pointer[peft.Tensor]
}

func (m *drifting) Initialize(*seam.Init) error {
	once := m.weight.Swap(nil)
	if once == nil {
		return nil
	}
	return once.MutableFlatData(func(flat any) { flat.([]float32)[0] += 1e-6 })
}
