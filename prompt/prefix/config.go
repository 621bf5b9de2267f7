package prefix

import (
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/prompt"
)

// Config holds prefix tuning's settings under HF PEFT's names. The zero value of each field means HF PEFT's default;
// Virtual.Tokens must be set.
type Config struct {
	seam.Common
	prompt.Virtual

	// Projection makes the prefix from learned embeddings by a network of two layers.
	Projection bool `json:"prefix_projection" default:"false"`
	// EncoderHidden is that network's inner width; 0 means that of a layer's keys.
	EncoderHidden int `json:"encoder_hidden_size" default:"null"`
	// Init is "zero" for a prefix of zeros, "" for a random one.
	Init string `json:"init_weights" default:"null"`
}

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }}) }

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return peftType }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	switch {
	case c.EncoderHidden < 0:
		return seam.Fieldf("encoder_hidden_size", "must be at least 1, is %d", c.EncoderHidden)
	case c.Init != "" && c.Init != zero:
		return seam.Fieldf("init_weights", "%q is neither null nor %q", c.Init, zero)
	}
	return c.Check()
}

const zero = "zero" // an init_weights
