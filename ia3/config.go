package ia3

import (
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is the settings of (IA)³, for peft.Attach. The zero value acts on what HF PEFT picks for the kind of model.
type Config struct {
	seam.Common

	// Targets says on which linear maps and convolutions it acts; see peft.Match. The zero value means HF PEFT's choice for
	// the kind of model: keys, values, and the second map of the feed-forward.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// FeedForward says of which targets the input is scaled, and not the output. A name means every target whose path ends
	// so. The zero value means HF PEFT's choice for the kind of model, or none where it has no choice.
	FeedForward seam.Targets `json:"feedforward_modules" default:"null"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is
	// read and written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// Init says that factors start as 1. false draws them from the normal distribution, for debugging: it changes the
	// outputs. nil means true.
	Init *bool `json:"init_ia3_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: defaultTargets})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "IA3" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	return &method{c: seam.WithDefaults(*c)}, nil
}

// checkNames holds two lists of names against each other, as HF PEFT does.
func (c *Config) checkNames() error {
	if c.Targets.IsDefault() || c.Targets.IsPattern() {
		return nil
	}
	targets := c.Targets.Names()
	for _, name := range c.FeedForward.Names() {
		if !slices.Contains(targets, name) {
			return notTarget(name, strings.Join(targets, ", "))
		}
	}
	return nil
}

func notTarget(name, targets string) error {
	return seam.Fieldf("feedforward_modules", "%q is none of the targets (%s)", name, targets)
}

// feedForward gives FeedForward for a kind of model, by its model_type.
func (c *Config) feedForward(modelType string) seam.Targets {
	if !c.FeedForward.IsDefault() {
		return c.FeedForward
	}
	if names, ok := defaultFeedForward[modelType]; ok {
		return seam.Match(names...)
	}
	return seam.Match()
}
