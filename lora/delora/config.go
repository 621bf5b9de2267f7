package delora

import (
	"cmp"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is DeLoRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank. 0 means 8.
	R int `json:"r" default:"8"`
	// Lambda bounds the update's length at first; it trains. 0 means 15; peft.Zero is a 0.
	Lambda float64 `json:"delora_lambda" default:"15"`
	// Dropout is the probability by which each number of a target's input is set to 0 for the update while training.
	Dropout float64 `json:"module_dropout" default:"0.0"`
	// Targets says on which linear maps DeLoRA acts; see peft.Match. The zero value means HF PEFT's choice for the kind of
	// model, mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// RankPattern and LambdaPattern give some modules another R or Lambda.
	RankPattern   seam.Pattern[int]     `json:"rank_pattern" default:"{}"`
	LambdaPattern seam.Pattern[float64] `json:"lambda_pattern" default:"{}"`
	// Bias says which of the model's own biases train and are saved as well: "none", "delora_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter changes nothing; false draws B as well, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "DELORA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, cmp.Or(
		seam.CheckLeast("r", m.c.R, 1),
		seam.CheckStrength("delora_lambda", m.c.Lambda),
		seam.CheckShare("module_dropout", m.c.Dropout),
		seam.CheckRanks("rank_pattern", m.c.RankPattern),
		seam.CheckStrengths("lambda_pattern", m.c.LambdaPattern),
		seam.CheckWord("bias", m.c.Bias, "none", "all", "delora_only"),
	)
}
