package diffpruning

import (
	"math"
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is diff pruning's settings, for peft.Attach. The zero value of each field means the paper's choice.
type Config struct {
	seam.Common

	// TargetDensity is the share of the targets' weights that differ in the end, in (0, 1]; 0 means 0.005.
	TargetDensity float64 `json:"target_density" default:"0.005"`
	// FixedSteps is how many steps train on after the others were dropped; 0 means none.
	FixedSteps int `json:"fixed_steps" default:"0"`
	// SparsityPenalty is λ, what an open gate costs. 0 means 1.25e-7, peft.Zero nothing.
	SparsityPenalty float64 `json:"sparsity_pen" default:"1.25e-07"`
	// Lower and Upper are l, below 0, and r, above 1. 0 means -1.5 and 1.5.
	Lower float64 `json:"concrete_lower" default:"-1.5"`
	Upper float64 `json:"concrete_upper" default:"1.5"`
	// AlphaInit is where α starts: 0 means 5, with which gates are open; peft.Zero is a 0.
	AlphaInit float64 `json:"alpha_init" default:"5.0"`
	// Structured adds a gate for each target as a whole. nil means true.
	Structured *bool `json:"structured" default:"true"`
	// Targets says on which linear maps, convolutions and embeddings it acts. See peft.Match; the zero value means those that HF
	// PEFT takes for LoRA.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train as well: "none", "diffpruning_only" (those of the targets) or "all". ""
	// means none.
	Bias string `json:"bias" default:"\"none\""`
	// KeptPerModule says how many differences each target has in a file, by its path; nil where none were dropped yet. It is not
	// for fresh adapters.
	KeptPerModule map[string]int `json:"kept_per_module" default:"null"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "DIFFPRUNING" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// BiasOption gives Bias to package peft.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	switch {
	case !(c.TargetDensity > 0 && c.TargetDensity <= 1):
		return seam.Fieldf("target_density", "must be in (0, 1], is %v", c.TargetDensity)
	case c.FixedSteps < 0:
		return seam.Fieldf("fixed_steps", "must not be negative, is %d", c.FixedSteps)
	case !(c.SparsityPenalty >= 0) || math.IsInf(c.SparsityPenalty, 0):
		return seam.Fieldf("sparsity_pen", "must be a number of at least 0, is %v", c.SparsityPenalty)
	case !(c.Lower < 0) || math.IsInf(c.Lower, 0):
		return seam.Fieldf("concrete_lower", "must be a number below 0, is %v", c.Lower)
	case !(c.Upper > 1) || math.IsInf(c.Upper, 0):
		return seam.Fieldf("concrete_upper", "must be a number above 1, is %v", c.Upper)
	case !(math.Abs(c.AlphaInit) <= 20):
		return seam.Fieldf("alpha_init", "must be within 20 of 0, is %v", c.AlphaInit)
	case !slices.Contains([]string{"none", "all", "diffpruning_only"}, c.Bias):
		return seam.Fieldf("bias", "%q is none of none, all, diffpruning_only", c.Bias)
	}
	for path, n := range c.KeptPerModule {
		if n < 0 {
			return seam.Fieldf("kept_per_module", "%q: must not be negative, is %d", path, n)
		}
	}
	return nil
}
