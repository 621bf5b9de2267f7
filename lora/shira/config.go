package shira

import "github.com/gopeft/gopeft/peft/seam"

// Config is SHiRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R sets the number of values of a target, R times the sum of its widths. 0 means 32.
	R int `json:"r" default:"32"`
	// MaskType says how the places of a fresh adapter are chosen: "random". "" means random.
	MaskType string `json:"mask_type" default:"\"random\""`
	// RandomSeed is the seed of the places. nil means torch's own default.
	RandomSeed *int64 `json:"random_seed" default:"null"`
	// Targets says on which linear maps SHiRA acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// InitWeights says that the values are 0 at first, so that a fresh adapter changes nothing; false draws them from the
	// standard normal distribution, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. It is put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
}

func init() {
	targets := seam.UsualTargets()
	targets["phi"] = seam.Match("q_proj", "v_proj")
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: targets})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "SHIRA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what the targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	if m.c.R < 1 {
		return nil, seam.Fieldf("r", "must be at least 1, is %d", m.c.R)
	}
	return m, nil
}
