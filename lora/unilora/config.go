package unilora

import (
	"cmp"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is Uni-LoRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of each target's update. 0 means 4.
	R int `json:"r" default:"4"`
	// Seed is what the places are drawn from. nil means 42.
	Seed *int `json:"proj_seed" default:"42"`
	// Length is how many values train, for all targets together. 0 means 256.
	Length int `json:"theta_d_length" default:"256"`
	// Targets says on which linear maps Uni-LoRA acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Dropout is the probability by which each number that goes into A is set to 0 while training, in [0, 1).
	Dropout float64 `json:"unilora_dropout" default:"0.0"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is read and
	// written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// Bias says which of the model's own biases train and are saved as well: "none", "unilora_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// Bound is the bound of the uniform numbers that theta starts as, above 0. 0 means 0.02.
	Bound float64 `json:"init_theta_d_bound" default:"0.02"`
	// InitWeights says that theta starts within Bound; false starts it as standard normal numbers. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// SaveIndices writes the places and scales into the file. Without them it holds theta alone, and they are drawn again from
	// Seed.
	SaveIndices bool `json:"save_indices" default:"false"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "UNILORA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what its targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	if *c.Seed < 0 {
		return seam.Fieldf("proj_seed", "numpy takes no negative seed: %d", *c.Seed)
	}
	if c.Bound == 0 {
		return seam.Fieldf("init_theta_d_bound", "must be above 0: an update of zeros has no gradient")
	}
	return cmp.Or(
		seam.CheckLeast("r", c.R, 1),
		seam.CheckLeast("theta_d_length", c.Length, 1),
		seam.CheckShare("unilora_dropout", c.Dropout),
		seam.CheckStrength("init_theta_d_bound", c.Bound),
		seam.CheckWord("bias", c.Bias, "none", "all", "unilora_only"),
	)
}
