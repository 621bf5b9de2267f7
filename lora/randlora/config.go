package randlora

import (
	"cmp"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is RandLoRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of each base: the smaller, the more bases there are and the more values train. 0 means 32.
	R int `json:"r" default:"32"`
	// Alpha sets the strength: the update is multiplied by Alpha/R. 0 means 640; peft.Zero is a 0.
	Alpha float64 `json:"randlora_alpha" default:"640"`
	// Targets says on which linear maps RandLoRA acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Seed is what the bases are drawn from.
	Seed int `json:"projection_prng_key" default:"0"`
	// SaveProjection writes the bases into the file; without them it is smaller by far, and they are drawn again from Seed.
	// nil means true.
	SaveProjection *bool `json:"save_projection" default:"true"`
	// Dropout is the probability by which each number that goes into a target's update is set to 0 while training, in [0, 1).
	Dropout float64 `json:"randlora_dropout" default:"0.0"`
	// Sparse makes bases of which a third are ones and minus ones, and the rest zeros, up to a common factor.
	Sparse bool `json:"sparse" default:"false"`
	// VerySparse makes sparser ones, by the square root of the smaller width. It goes before Sparse.
	VerySparse bool `json:"very_sparse" default:"false"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is read and
	// written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// Bias says which of the model's own biases train and are saved as well: "none", "randlora_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter changes nothing; false starts lambda at random, for debugging. nil means
	// true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "RANDLORA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what its targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, cmp.Or(
		seam.CheckLeast("r", m.c.R, 1),
		seam.CheckShare("randlora_dropout", m.c.Dropout),
		seam.CheckStrength("randlora_alpha", m.c.Alpha),
		seam.CheckWord("bias", m.c.Bias, "none", "all", "randlora_only"),
	)
}
