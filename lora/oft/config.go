package oft

import (
	"math"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is OFT's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the number of blocks that a target's width is divided into. Give it or BlockSize: where R is set and BlockSize is
	// not, BlockSize counts as 0.
	R int `json:"r" default:"0"`
	// BlockSize is the width of a block. nil means 32, or 0 where R is set.
	BlockSize *int `json:"oft_block_size" default:"32"`
	// ModuleDropout is the share of the blocks that are replaced by the unit matrix in a step of training, at random.
	ModuleDropout float64 `json:"module_dropout" default:"0.0"`
	// Targets says on which linear maps, convolutions and embeddings OFT acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train as well: "none", "oft_only" or "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// Constrained bounds how far each block turns, by Eps (COFT).
	Constrained bool `json:"coft" default:"false"`
	// Eps is the bound of COFT, for the norm of a block's Q times the root of the number of blocks.
	Eps float64 `json:"eps" default:"6e-05"`
	// BlockShare gives all blocks of a target the same values.
	BlockShare bool `json:"block_share" default:"false"`
	// UseCayleyNeumann computes the rotations by a series instead of an inverse. nil means true.
	UseCayleyNeumann *bool `json:"use_cayley_neumann" default:"true"`
	// CayleyNeumannTerms is how many terms of the series there are. 0 means 5.
	CayleyNeumannTerms int `json:"num_cayley_neumann_terms" default:"5"`
	// InitWeights says that a fresh adapter changes nothing; false draws its values, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. It is put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "OFT" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what the targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	own := *c
	if own.R != 0 && own.BlockSize == nil {
		own.BlockSize = new(0)
	}
	m := &method{c: seam.WithDefaults(own)}
	if err := m.c.validate(); err != nil || !m.c.Constrained {
		return m, err
	}
	return constrained{m}, nil
}

func (c *Config) validate() error {
	switch {
	case c.R < 0:
		return seam.Fieldf("r", "must not be negative, is %d", c.R)
	case *c.BlockSize < 0:
		return seam.Fieldf("oft_block_size", "must not be negative, is %d", *c.BlockSize)
	case (c.R == 0) == (*c.BlockSize == 0):
		return seam.Fieldf("oft_block_size", "%d with r %d: exactly one of the two must be set, the other 0", *c.BlockSize, c.R)
	case !(c.ModuleDropout >= 0 && c.ModuleDropout < 1):
		return seam.Fieldf("module_dropout", "must be in [0, 1), is %v", c.ModuleDropout)
	case !(c.Eps > 0) || math.IsInf(c.Eps, 0):
		return seam.Fieldf("eps", "must be a positive number, is %v", c.Eps)
	case c.CayleyNeumannTerms < 1:
		return seam.Fieldf("num_cayley_neumann_terms", "must be at least 1, is %d", c.CayleyNeumannTerms)
	}
	return nil
}
