package supertuning

import (
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is Super-Tuning's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// Sparsity is the part of a weight's entries that don't train, in [0, 1). nil means 0.99.
	Sparsity *float64 `json:"sparsity" default:"0.99"`
	// SelectTop says that the entries of the largest magnitude train; false takes the smallest. nil means true.
	SelectTop *bool `json:"select_top" default:"true"`
	// R is the rank of the LoRA that is added. nil means that there is none.
	R *int `json:"r" default:"null"`
	// Alpha sets the LoRA's strength: it is multiplied by Alpha/R. nil means twice R.
	Alpha *float64 `json:"lora_alpha" default:"null"`
	// Dropout is the probability by which an element of the LoRA's input is left out of a step of training.
	Dropout float64 `json:"lora_dropout" default:"0.0"`
	// Targets says on which linear maps Super-Tuning acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// InitWeights says that a fresh adapter changes nothing; false draws all values, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// SavePrecomputedIndices says that files hold the places of the values. nil means true.
	SavePrecomputedIndices *bool `json:"save_precomputed_indices" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "SUPERTUNING" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	if s := *m.c.Sparsity; !(s >= 0 && s < 1) {
		return nil, seam.Fieldf("sparsity", "must be in [0, 1), is %v", s)
	}
	if err := seam.CheckShare("lora_dropout", m.c.Dropout); err != nil {
		return nil, err
	}
	if m.c.R == nil {
		if m.c.Alpha != nil {
			return nil, seam.Fieldf("lora_alpha", "is %v, but r is not set: there is no LoRA", *m.c.Alpha)
		}
		return m, nil
	}
	if err := seam.CheckLeast("r", *m.c.R, 1); err != nil {
		return nil, err
	}
	m.alpha = 2 * float64(*m.c.R)
	if m.c.Alpha != nil {
		m.alpha = *m.c.Alpha
	}
	return m, seam.CheckNumber("lora_alpha", m.alpha)
}
