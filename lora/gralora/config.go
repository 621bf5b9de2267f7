package gralora

import (
	"cmp"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is GraLoRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank that each row and column of blocks divides among them; K must divide it. 0 means 32.
	R int `json:"r" default:"32"`
	// HybridR is the rank of a LoRA over the whole weight beside the blocks. 0 means none.
	HybridR int `json:"hybrid_r" default:"0"`
	// Alpha sets the strength: the update is multiplied by Alpha/(R+HybridR). 0 means 64; peft.Zero is a 0.
	Alpha float64 `json:"alpha" default:"64"`
	// K is the number of blocks along each side; it must divide the widths of every target. 0 means 2.
	K int `json:"gralora_k" default:"2"`
	// Dropout is the probability by which each number of a target's input is set to 0 for the update while training.
	Dropout float64 `json:"gralora_dropout" default:"0.0"`
	// Targets says on which linear maps GraLoRA acts; see peft.Match. The zero value means HF PEFT's choice for the kind of
	// model, mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// LayersToTransform lists the blocks of the model, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is read and
	// written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// Bias says which of the model's own biases train and are saved as well: "none", "gralora_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter changes nothing; false draws B as well, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "GRALORA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what its targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	err := cmp.Or(
		seam.CheckLeast("r", m.c.R, 1),
		seam.CheckLeast("hybrid_r", m.c.HybridR, 0),
		seam.CheckLeast("gralora_k", m.c.K, 1),
		seam.CheckStrength("alpha", m.c.Alpha),
		seam.CheckShare("gralora_dropout", m.c.Dropout),
		seam.CheckWord("bias", m.c.Bias, "none", "all", "gralora_only"),
	)
	if err == nil && m.c.R%m.c.K != 0 {
		err = seam.Fieldf("r", "%d can't be divided by gralora_k, %d", m.c.R, m.c.K)
	}
	return m, err
}
