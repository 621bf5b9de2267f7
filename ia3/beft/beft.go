package beft

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is BEFT's settings, for peft.Attach. The zero value acts on what HF PEFT picks for the kind of model.
type Config struct {
	seam.Common

	// Targets says which linear maps get a bias; see peft.Match. The zero value means HF PEFT's choice for the kind of
	// model: the values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Init says that biases start as 0. false draws them from the normal distribution, for debugging: it changes the
	// outputs. nil means true.
	Init *bool `json:"init_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: defaultTargets()})
}

// defaultTargets are HF PEFT's target modules for BEFT where a config names none, by model_type.
func defaultTargets() map[string]seam.Targets {
	out := map[string]seam.Targets{"deberta-v2": seam.Match("value_proj")}
	for _, row := range []struct {
		target string
		types  []string
	}{
		{"value", []string{"bert", "roberta"}},
		{"v", []string{"t5", "mt5"}},
		{"v_proj", []string{
			"bart", "opt", "gptj", "gpt_neo", "llama", "llama4", "mistral", "mixtral", "phi", "gemma", "gemma2", "gemma3_text", "qwen2", "qwen3",
		}},
	} {
		for _, t := range row.types {
			out[t] = seam.Match(row.target)
		}
	}
	return out
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "BEFT" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) { return &method{seam.WithDefaults(*c)}, nil }

const name = "beft_bias"

// method is BEFT with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Rower      = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (*method) GraphKey() string { return "" }

// RowsOK implements seam.Rower: each row's own bias is added.
func (*method) RowsOK() bool { return true }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{Targets: m.c.Targets}, func(s seam.Site) ([]seam.Param, error) {
		p := seam.Param{Name: name, Shape: []int{1, s.Out}}
		if !*m.c.Init {
			p.Init = seam.Normal(1)
		}
		return []seam.Param{p}, nil
	})
}

// Weight implements seam.WeightHook.
func (*method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	b := at.Param(name)
	if at.ByRow() {
		return at.AddBias(w, graph.Reshape(b, -1, at.Site.Out))
	}
	return at.AddBias(w, graph.Reshape(b, at.Site.Out))
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.Init {
		return math.Inf(1), "the bias is random"
	}
	return 0, ""
}
