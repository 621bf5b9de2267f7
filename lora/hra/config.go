package hra

import "github.com/gopeft/gopeft/peft/seam"

// Config is HRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the number of reflections; it should be even, so that a fresh adapter changes nothing. 0 means 8.
	R int `json:"r" default:"8"`
	// ApplyGS makes the vectors of a target orthogonal to each other (Gram-Schmidt) before they reflect.
	ApplyGS bool `json:"apply_GS" default:"false"`
	// Targets says on which linear maps and convolutions HRA acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train as well: "none", "hra_only" or "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter of even rank changes nothing; false draws each vector apart. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "HRA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	return m, seam.CheckLeast("r", m.c.R, 1)
}
