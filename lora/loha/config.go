package loha

import (
	"math"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is LoHa's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of each of the two products; their element-wise product has up to its square. 0 means 8.
	R int `json:"r" default:"8"`
	// Alpha sets the strength: the update is multiplied by Alpha/R. 0 means 8.
	Alpha float64 `json:"alpha" default:"8"`
	// RankDropout is the probability by which each output's part of the update is left out of a step of training.
	RankDropout float64 `json:"rank_dropout" default:"0.0"`
	// ModuleDropout is the probability by which a target's whole update is left out of a step of training.
	ModuleDropout float64 `json:"module_dropout" default:"0.0"`
	// UseEffectiveConv2D gives convolutions of more than one point a core tensor instead of one long low-rank matrix: fewer
	// values.
	UseEffectiveConv2D bool `json:"use_effective_conv2d" default:"false"`
	// Targets says on which linear maps and convolutions LoHa acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// RankPattern and AlphaPattern give some modules another R or Alpha.
	RankPattern  seam.Pattern[int]     `json:"rank_pattern" default:"{}"`
	AlphaPattern seam.Pattern[float64] `json:"alpha_pattern" default:"{}"`
	// InitWeights says that a fresh adapter changes nothing; false draws every factor, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "LOHA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	switch {
	case c.R < 1:
		return seam.Fieldf("r", "must be at least 1, is %d", c.R)
	case !finite(c.Alpha):
		return seam.Fieldf("alpha", "must be a number of at least 0, is %v", c.Alpha)
	case !(c.RankDropout >= 0 && c.RankDropout < 1):
		return seam.Fieldf("rank_dropout", "must be in [0, 1), is %v", c.RankDropout)
	case !(c.ModuleDropout >= 0 && c.ModuleDropout < 1):
		return seam.Fieldf("module_dropout", "must be in [0, 1), is %v", c.ModuleDropout)
	}
	for _, rule := range c.RankPattern {
		if rule.Value < 1 {
			return seam.Fieldf("rank_pattern", "%q: must be at least 1, is %d", rule.Match, rule.Value)
		}
	}
	for _, rule := range c.AlphaPattern {
		if !finite(rule.Value) {
			return seam.Fieldf("alpha_pattern", "%q: must be a number of at least 0, is %v", rule.Match, rule.Value)
		}
	}
	return nil
}

func finite(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }
