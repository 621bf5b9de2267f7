package pefttest_test

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
)

// toyConfig is the settings of a small honest method: a low-rank update of a linear map. Faulty methods are types of
// their own (kind) that wrap it.
type toyConfig struct {
	peft.Common
	R       int          `json:"r" default:"2"`
	Alpha   peft.Real    `json:"alpha" default:"4"`
	Gain    float64      `json:"gain" default:"2.0"` // built into the graph
	Targets peft.Targets `json:"target_modules" default:"null"`

	kind *fault
}

// fault is one way to be wrong.
type fault struct {
	name string
	// laws are those that must break, among others perhaps.
	laws string
	// wrap gives the faulty method; nil where the fault is in the config.
	wrap func(*toy) peft.Method
	// settings are what the config takes its values from instead of WithDefaults; nil for the honest way.
	settings func(*toyConfig) (*toy, error)
	// config makes the settings; nil means a toyConfig.
	config func(*fault) peft.Config
	// backbone is the case's.
	backbone func() (*peft.Backbone, error)
}

// PEFTType implements peft.Config.
func (c *toyConfig) PEFTType() string { return "TOY " + c.kind.name }

// Method implements peft.Config.
func (c *toyConfig) Method() (peft.Method, error) {
	settings := c.kind.settings
	if settings == nil {
		settings = honestSettings
	}
	m, err := settings(c)
	if err != nil || c.kind.wrap == nil {
		return m, err
	}
	return c.kind.wrap(m), nil
}

func honestSettings(c *toyConfig) (*toy, error) {
	full := peft.WithDefaults(*c)
	switch {
	case full.R < 1 || full.R > 100:
		return nil, peft.Fieldf("r", "must be in 1..100, is %d", full.R)
	case math.Abs(float64(full.Alpha)) > 1e6:
		return nil, peft.Fieldf("alpha", "must be at most 1e6, is %v", full.Alpha)
	case !(full.Gain >= 0.1 && full.Gain < 1e6):
		return nil, peft.Fieldf("gain", "must be in [0.1, 1e6), is %v", full.Gain)
	}
	return &toy{full}, nil
}

// toy computes y = next(x) + gain alpha/r B A x.
type toy struct{ c toyConfig }

var (
	_ peft.LinearHook  = (*toy)(nil)
	_ peft.Merger      = (*toy)(nil)
	_ peft.Rower       = (*toy)(nil)
	_ peft.Initializer = (*toy)(nil)
)

// GraphKey implements peft.Method.
func (m *toy) GraphKey() string { return fmt.Sprintf("gain=%g", m.c.Gain) }

// RowsOK implements peft.Rower.
func (*toy) RowsOK() bool { return true }

// Initialize implements peft.Initializer; the faulty ones use it.
func (*toy) Initialize(*peft.Init) error { return nil }

// Plan implements peft.Method.
func (m *toy) Plan(b *peft.Blueprint) (*peft.Plan, error) {
	sites, targets, err := b.Select(peft.Selector{Targets: m.c.Targets})
	if err != nil {
		return nil, err
	}
	plan := &peft.Plan{Targets: targets}
	for _, s := range sites {
		plan.Sites = append(plan.Sites, s.Path)
		plan.Params = append(plan.Params,
			peft.Param{Site: s.Path, Name: "toy_A", Shape: []int{m.c.R, s.In}, Init: peft.Uniform(0.5)},
			peft.Param{Site: s.Path, Name: "toy_B", Shape: []int{s.Out, m.c.R}},
			peft.Param{Site: s.Path, Name: "scale", Const: []float32{float32(m.c.Alpha) / float32(m.c.R)}})
	}
	return plan, nil
}

// Linear implements peft.LinearHook.
func (m *toy) Linear(at *peft.At, x *peft.Node, next func(*peft.Node) *peft.Node) *peft.Node {
	return graph.Add(next(x), m.update(at, x))
}

func (m *toy) update(at *peft.At, x *peft.Node) *peft.Node {
	u := at.Dense(at.Dense(x, at.Param("toy_A")), at.Param("toy_B"))
	return graph.Mul(graph.MulScalar(u, m.c.Gain), at.Spread(at.Param("scale"), u))
}

// Merge implements peft.Merger.
func (m *toy) Merge(at *peft.At, w peft.Weights) peft.Weights {
	ba := graph.MatMul(at.Param("toy_B"), at.Param("toy_A"))
	w.Weight = graph.Add(w.Weight, graph.Mul(graph.MulScalar(ba, m.c.Gain), at.Param("scale")))
	return w
}

// norms trains the norms' own weights and biases: a method without a hook, all of whose values stand for frozen ones.
type norms struct{}

// GraphKey implements peft.Method.
func (norms) GraphKey() string { return "" }

// Plan implements peft.Method.
func (norms) Plan(b *peft.Blueprint) (*peft.Plan, error) {
	plan := &peft.Plan{}
	for _, s := range b.OfKind(peft.Norm) {
		for _, name := range []string{"weight", "bias"} {
			path := s.Path + "." + name
			plan.Params = append(plan.Params, peft.Param{Site: s.Path, Name: name, Shape: []int{s.Out}, Replaces: path, InPlace: true})
		}
	}
	return plan, nil
}
