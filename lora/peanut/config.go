package peanut

import (
	"cmp"

	"github.com/gopeft/gopeft/internal/activation"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is PEANuT's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the width of the network's layers. 0 means 32.
	R int `json:"r" default:"32"`
	// Depth is the number of encoders, and of decoders, between A and B. 0 means none.
	Depth int `json:"depth" default:"0"`
	// Activation is the function after each layer but B, by transformers' name for it, as "relu", "gelu" or "silu". "" means
	// relu.
	Activation string `json:"act_fn" default:"\"relu\""`
	// Scaling sets the strength: the update is multiplied by it. 0 means 1; peft.Zero is a 0.
	Scaling float64 `json:"scaling" default:"1.0"`
	// Targets says on which linear maps PEANuT acts; see peft.Match. The zero value means HF PEFT's choice for the kind of
	// model, mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// InitWeights says that a fresh adapter changes nothing; false draws B as well, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "PEANUT" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, cmp.Or(
		seam.CheckLeast("r", m.c.R, 1),
		seam.CheckLeast("depth", m.c.Depth, 0),
		seam.CheckWord("act_fn", m.c.Activation, activation.Names()...),
		seam.CheckNumber("scaling", m.c.Scaling),
	)
}
