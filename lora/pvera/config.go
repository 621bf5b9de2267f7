package pvera

import (
	"cmp"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is PVeRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of the mean and of the deviation. What trains grows by two values a target with it, but the time of a step in proportion. 0
	// means 256.
	R int `json:"r" default:"256"`
	// Targets says on which linear maps PVeRA acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Seed is what A and B are drawn from.
	Seed int `json:"projection_prng_key" default:"0"`
	// SaveProjection writes A and B into the file; without them it is smaller by far, and they are drawn again from Seed.
	// nil means true.
	SaveProjection *bool `json:"save_projection" default:"true"`
	// Dropout is the probability by which each number that goes into A is set to 0 while training, in [0, 1).
	Dropout float64 `json:"pvera_dropout" default:"0.0"`
	// Initial is what each number of d starts as. 0 means 0.1; peft.Zero is a 0.
	Initial float64 `json:"d_initial" default:"0.1"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is read and
	// written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// Bias says which of the model's own biases train and are saved as well: "none", "pvera_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter changes nothing; false starts b as ones and d at random, for debugging. nil means
	// true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// SampleAtInference draws outside of training, too, instead of taking the mean. Such an adapter can't be merged.
	SampleAtInference bool `json:"sample_at_inference" default:"false"`
	// GeneratorSeed chooses the draws. While training they differ from step to step, by the Trainer's seed as well. Outside of
	// training a call draws what torch draws from this seed for its shapes, as HF PEFT does in its first call, so that equal
	// inputs give equal outputs. nil means 0 there.
	GeneratorSeed *int `json:"generator_seed" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
}

func init() {
	targets := seam.UsualTargets()
	targets["phi"] = seam.Match("q_proj", "v_proj")
	targets["dinov2"] = seam.Match("query", "value")
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: targets})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "PVERA" }

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
		seam.CheckShare("pvera_dropout", m.c.Dropout),
		seam.CheckNumber("d_initial", m.c.Initial),
		seam.CheckWord("bias", m.c.Bias, "none", "all", "pvera_only"),
	)
}
