package boft

import "github.com/gopeft/gopeft/peft/seam"

// Config is BOFT's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// BlockSize is the width of a block. Give it or BlockNum: where BlockNum is set and BlockSize is nil, BlockSize counts as
	// 0. nil means 4 otherwise.
	BlockSize *int `json:"boft_block_size" default:"4"`
	// BlockNum is the number of blocks that a target's width is divided into; 0 means what BlockSize makes of it.
	BlockNum int `json:"boft_block_num" default:"0"`
	// NButterflyFactor is the number of factors that are multiplied, each with other numbers in its blocks. 0 means 1.
	NButterflyFactor int `json:"boft_n_butterfly_factor" default:"1"`
	// Dropout is the share of the blocks of one factor that are replaced by the unit matrix in a step of training, at random.
	Dropout float64 `json:"boft_dropout" default:"0.0"`
	// Targets says on which linear maps and convolutions BOFT acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train as well: "none", "boft_only" or "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter changes nothing; false draws its values, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. It is put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "BOFT" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what the targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	own := *c
	if own.BlockNum != 0 && own.BlockSize == nil {
		own.BlockSize = new(0)
	}
	m := &method{c: seam.WithDefaults(own)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	switch {
	case *c.BlockSize < 0:
		return seam.Fieldf("boft_block_size", "must not be negative, is %d", *c.BlockSize)
	case c.BlockNum < 0:
		return seam.Fieldf("boft_block_num", "must not be negative, is %d", c.BlockNum)
	case (*c.BlockSize == 0) == (c.BlockNum == 0):
		return seam.Fieldf("boft_block_size", "%d with boft_block_num %d: exactly one of the two must be set, the other 0", *c.BlockSize, c.BlockNum)
	case c.NButterflyFactor < 1:
		return seam.Fieldf("boft_n_butterfly_factor", "must be at least 1, is %d", c.NButterflyFactor)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return seam.Fieldf("boft_dropout", "must be in [0, 1), is %v", c.Dropout)
	}
	return nil
}
