package pefttest_test

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is the settings of a method of one's own: every output of a linear map is multiplied with a learned factor, as
// (IA)³ does, which stays between 1-bound and 1+bound.
type Config struct {
	seam.Common              // what every adapter_config.json has
	Bound       float64      `json:"bound" default:"0.5"`
	Targets     seam.Targets `json:"target_modules" default:"null"`
}

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }}) }

// PEFTType names the method in adapter_config.json.
func (c *Config) PEFTType() string { return "BOUNDED_SCALE" }

// Method checks the settings and makes the method.
func (c *Config) Method() (seam.Method, error) {
	full := seam.WithDefaults(*c)
	if !(full.Bound > 0 && full.Bound < 1) {
		return nil, seam.Fieldf("bound", "must be between 0 and 1, is %v", full.Bound)
	}
	return scale{full}, nil
}

// scale computes y = next(x) (1 + bound tanh v) with a learned v for each output, 0 at first.
type scale struct{ c Config }

// Plan implements seam.Method: one value of the size of the output at each target.
func (m scale) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{Targets: m.c.Targets}, func(s seam.Site) ([]seam.Param, error) {
		return []seam.Param{{Name: "scale_v", Shape: []int{s.Out}}}, nil
	})
}

// GraphKey implements seam.Method: the bound is a constant of the graph.
func (m scale) GraphKey() string { return fmt.Sprint("bound=", m.c.Bound) }

func (m scale) factor(at *seam.At) *seam.Node {
	return graph.OnePlus(graph.MulScalar(graph.Tanh(at.Param("scale_v")), m.c.Bound))
}

// Linear implements seam.LinearHook: what happens at each target.
func (m scale) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	y := next(x)
	return graph.Mul(y, at.Spread(m.factor(at), y))
}

// RowsOK implements seam.Rower: Spread takes care of values that differ from row to row.
func (scale) RowsOK() bool { return true }

// Merge implements seam.Merger: the factors go into the rows of the weight, and into the bias.
func (m scale) Merge(at *seam.At, w seam.Weights) seam.Weights {
	w.Weight = graph.Mul(w.Weight, graph.InsertAxes(m.factor(at), -1))
	if w.Bias != nil {
		w.Bias = graph.Mul(w.Bias, m.factor(at))
	}
	return w
}

// The method of package seam's example, under every law. A test says pefttest.Conform(t, c) in place of Check.
func ExampleCheck() {
	c := pefttest.Case{
		Config:    &Config{Targets: seam.Match("query", "value")},
		Trainable: 8 + 8, // a factor for each output
		Bad:       []pefttest.Bad{{Change: `{"bound": 1}`, Field: "bound"}},
	}
	fmt.Println(pefttest.Check(c))

	// A method that counts otherwise than its paper breaks a law, and the error says which, what was seen and why it matters.
	c.Trainable = 8 + 8 + 12
	fmt.Println(pefttest.Check(c))
	// Output:
	// <nil>
	// BOUNDED_SCALE breaks params/count: NumTrainable by the case's formula: got 16, want 28
	// 	rule: counts of values, their keys and their shapes agree with the plan
	// 	why: counts are reported, and keys are what a file is read by
}
