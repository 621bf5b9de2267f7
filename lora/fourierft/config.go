package fourierft

import (
	"cmp"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is FourierFT's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// NFrequency is the number of values to learn at each target, at most the entries of its weight. 0 means 1000.
	NFrequency int `json:"n_frequency" default:"1000"`
	// NFrequencyPattern gives some modules another NFrequency.
	NFrequencyPattern seam.Pattern[int] `json:"n_frequency_pattern" default:"{}"`
	// Scaling is what the update is multiplied by. 0 means 150.
	Scaling float64 `json:"scaling" default:"150.0"`
	// RandomLocSeed is the seed of the places of the values in the spectrum. nil means 777.
	RandomLocSeed *int64 `json:"random_loc_seed" default:"777"`
	// Targets says on which linear maps FourierFT acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train as well: "none", "fourier_only" or "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that the values are 0 at first, so that a fresh adapter changes nothing. false draws them from the
	// standard normal distribution.
	InitWeights bool `json:"init_weights" default:"false"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. It is put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
}

func init() {
	targets := seam.UsualTargets()
	targets["gpt2"], targets["gpt_bigcode"] = seam.Match("mlp.c_proj"), seam.Match("mlp.c_proj")
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: targets})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "FOURIERFT" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what the targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	if err := cmp.Or(
		seam.CheckLeast("n_frequency", m.c.NFrequency, 1), seam.CheckNumber("scaling", m.c.Scaling), seam.CheckWord("bias", m.c.Bias, "none", "all", "fourier_only"),
	); err != nil {
		return nil, err
	}
	for _, rule := range m.c.NFrequencyPattern {
		if rule.Value < 1 {
			return nil, seam.Fieldf("n_frequency_pattern", "%q: must be at least 1, is %d", rule.Match, rule.Value)
		}
	}
	return m, nil
}
