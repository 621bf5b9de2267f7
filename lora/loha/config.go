package loha

import (
	"cmp"

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
	// Targets says on which linear maps and convolutions LoHa acts; see peft.Match. The zero value means HF PEFT's choice for
	// the kind of model, mostly the queries and values of attention.
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
	return cmp.Or(
		seam.CheckLeast("r", c.R, 1),
		seam.CheckStrength("alpha", c.Alpha),
		seam.CheckShare("rank_dropout", c.RankDropout),
		seam.CheckShare("module_dropout", c.ModuleDropout),
		seam.CheckRanks("rank_pattern", c.RankPattern),
		seam.CheckStrengths("alpha_pattern", c.AlphaPattern),
	)
}
