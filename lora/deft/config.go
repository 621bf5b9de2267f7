package deft

import (
	"cmp"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is DEFT's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the number of directions, at most a target's outputs. 0 means 8.
	R int `json:"r" default:"8"`
	// Decomposition says how the directions follow from P: ReLU or QR. "" means ReLU.
	Decomposition string `json:"decomposition_method" default:"\"relu\""`
	// InitScale is a factor of the first values of R where InitWeights is false. 0 means 1; peft.Zero is a 0.
	InitScale float64 `json:"init_scale" default:"1.0"`
	// Alpha multiplies what stands in the directions by Alpha/R. 0 means no such factor.
	Alpha float64 `json:"alpha" default:"null"`
	// PaRa only takes the directions out, with nothing in their place.
	PaRa bool `json:"para" default:"false"`
	// Dropout is the probability by which each number of a target's input is set to 0 for R while training. PaRa has no R.
	Dropout float64 `json:"deft_dropout" default:"0.0"`
	// Targets says on which linear maps DEFT acts; see peft.Match. The zero value means HF PEFT's choice for the kind of model,
	// mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is read and
	// written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// Bias says which of the model's own biases train and are saved as well: "none", "deft_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter changes nothing; false draws R, so that it replaces part of the weight at once. nil
	// means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

// How the directions follow from P.
const (
	ReLU = "relu" // they are P, and W's part in them is measured by P's positive numbers
	QR   = "qr"   // they are orthonormal: the projection is exact, at the price of a decomposition in each step
)

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "DEFT" }

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
		seam.CheckWord("decomposition_method", m.c.Decomposition, ReLU, QR),
		seam.CheckStrength("init_scale", m.c.InitScale),
		seam.CheckStrength("alpha", m.c.Alpha),
		seam.CheckShare("deft_dropout", m.c.Dropout),
		seam.CheckWord("bias", m.c.Bias, "none", "all", "deft_only"),
	)
}
