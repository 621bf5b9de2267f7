package fishmask

import (
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is FishMask's settings, for peft.Attach, which needs data as well: see peft.Calibrate.
type Config struct {
	seam.Common

	// KeepRatio is the share of the targets' weights that train, in (0, 1]; 0 means 0.005.
	KeepRatio float64 `json:"keep_ratio" default:"0.005"`
	// NumSamples is how many examples are measured at most; 0 means 1024.
	NumSamples int `json:"num_samples" default:"1024"`
	// GradType says what of gradients is added up: "square", the Fisher information, or "absolute", their size. "" means square.
	GradType string `json:"grad_type" default:"\"square\""`
	// Targets says on which linear maps, convolutions and embeddings it acts. See peft.Match; the zero value means those that HF
	// PEFT takes for LoRA.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train as well: "none", "fishmask_only" (those of the targets) or "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// KeptPerModule says how many places each target has, by its path: what the data gave. It is set by attaching.
	KeptPerModule map[string]int `json:"kept_per_module" default:"null"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "FISHMASK" }

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
	case !(c.KeepRatio > 0 && c.KeepRatio <= 1):
		return seam.Fieldf("keep_ratio", "must be in (0, 1], is %v", c.KeepRatio)
	case c.NumSamples < 1:
		return seam.Fieldf("num_samples", "must be at least 1, is %d", c.NumSamples)
	case !slices.Contains([]string{"square", "absolute"}, c.GradType):
		return seam.Fieldf("grad_type", "%q is none of square, absolute", c.GradType)
	case !slices.Contains([]string{"none", "all", "fishmask_only"}, c.Bias):
		return seam.Fieldf("bias", "%q is none of none, all, fishmask_only", c.Bias)
	}
	for path, n := range c.KeptPerModule {
		if n < 0 {
			return seam.Fieldf("kept_per_module", "%q: must not be negative, is %d", path, n)
		}
	}
	return nil
}
