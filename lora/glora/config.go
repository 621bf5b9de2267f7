package glora

import (
	"cmp"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is GLoRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of what is LowRank. 0 means 8.
	R int `json:"r" default:"8"`
	// AB is the form of A and B: LowRank, Vector, Constant or None. "" means LowRank.
	AB string `json:"config_A_B" default:"\"lora\""`
	// C is the form of C: LowRank, Vector or None. "" means LowRank.
	C string `json:"config_C" default:"\"lora\""`
	// DE is the form of D and E: Vector, Constant or None. "" means Constant.
	DE string `json:"config_D_E" default:"\"constant\""`
	// Targets says on which linear maps GLoRA acts; see peft.Match. The zero value means HF PEFT's choice for the kind of model,
	// mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Bias says which of the model's own biases train and are saved as well: "none", "glora_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter changes nothing; false draws every value, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

// The forms of what GLoRA adds.
const (
	LowRank  = "lora"     // a product of two thin matrices
	Vector   = "vector"   // a number for each output (for each input: C)
	Constant = "constant" // one number
	None     = "none"     // nothing
)

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "GLORA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, cmp.Or(
		seam.CheckLeast("r", m.c.R, 1),
		seam.CheckWord("config_A_B", m.c.AB, LowRank, Vector, Constant, None),
		seam.CheckWord("config_C", m.c.C, LowRank, Vector, None),
		seam.CheckWord("config_D_E", m.c.DE, Vector, Constant, None),
		seam.CheckWord("bias", m.c.Bias, "none", "all", "glora_only"),
	)
}
