package pefttest_test

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// toyConfig is the settings of a small honest method: a low-rank update of a linear map. Faulty methods are types of
// their own (kind) that wrap it.
type toyConfig struct {
	peft.Common
	R       int          `json:"r" default:"2"`
	Alpha   float64      `json:"alpha" default:"4"`
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
	wrap func(*toy) seam.Method
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
func (c *toyConfig) Method() (seam.Method, error) {
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
	full := seam.WithDefaults(*c)
	switch {
	case full.R < 1 || full.R > 100:
		return nil, seam.Fieldf("r", "must be in 1..100, is %d", full.R)
	case math.Abs(float64(full.Alpha)) > 1e6:
		return nil, seam.Fieldf("alpha", "must be at most 1e6, is %v", full.Alpha)
	case !(full.Gain >= 0.1 && full.Gain < 1e6):
		return nil, seam.Fieldf("gain", "must be in [0.1, 1e6), is %v", full.Gain)
	}
	return &toy{full}, nil
}

// toy computes y = next(x) + gain alpha/r B A x.
type toy struct{ c toyConfig }

var (
	_ seam.LinearHook  = (*toy)(nil)
	_ seam.Merger      = (*toy)(nil)
	_ seam.Rower       = (*toy)(nil)
	_ seam.Initializer = (*toy)(nil)
)

// GraphKey implements seam.Method.
func (m *toy) GraphKey() string { return fmt.Sprintf("gain=%g", m.c.Gain) }

// RowsOK implements seam.Rower.
func (*toy) RowsOK() bool { return true }

// Initialize implements seam.Initializer; the faulty ones use it.
func (*toy) Initialize(*seam.Init) error { return nil }

// Plan implements seam.Method.
func (m *toy) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{Targets: m.c.Targets}, func(s seam.Site) ([]seam.Param, error) {
		return []seam.Param{
			{Name: "toy_A", Shape: []int{m.c.R, s.In}, Init: seam.Uniform(0.5)},
			{Name: "toy_B", Shape: []int{s.Out, m.c.R}},
			{Name: "scale", Const: []float32{float32(m.c.Alpha) / float32(m.c.R)}},
		}, nil
	})
}

// Linear implements seam.LinearHook.
func (m *toy) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	return graph.Add(next(x), m.update(at, x))
}

func (m *toy) update(at *seam.At, x *seam.Node) *seam.Node {
	u := at.Dense(at.Dense(x, at.Param("toy_A")), at.Param("toy_B"))
	return graph.Mul(graph.MulScalar(u, m.c.Gain), at.Spread(at.Param("scale"), u))
}

// Merge implements seam.Merger.
func (m *toy) Merge(at *seam.At, w seam.Weights) seam.Weights {
	ba := graph.MatMul(at.Param("toy_B"), at.Param("toy_A"))
	w.Weight = graph.Add(w.Weight, graph.Mul(graph.MulScalar(ba, m.c.Gain), at.Param("scale")))
	return w
}

// norms trains the norms' own weights and biases: a method without a hook, all of whose values stand for frozen ones.
type norms struct{}

// GraphKey implements seam.Method.
func (norms) GraphKey() string { return "" }

// Plan implements seam.Method.
func (norms) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan := &seam.Plan{}
	for _, s := range b.OfKind(seam.Norm) {
		for _, name := range []string{"weight", "bias"} {
			path := s.Path + "." + name
			plan.Params = append(plan.Params, seam.Param{Site: s.Path, Name: name, Shape: []int{s.Out}, Replaces: path, InPlace: true})
		}
	}
	return plan, nil
}
