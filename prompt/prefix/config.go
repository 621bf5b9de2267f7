package prefix

import (
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/prompt"
)

// Config is prefix tuning's settings, for peft.Attach. Virtual.Tokens, the length of the prefix, must be set; the
// zero value of every other field means HF PEFT's default.
type Config struct {
	seam.Common
	prompt.Virtual

	// Projection trains learned embeddings and a network of two layers that makes the prefix of them, instead of the
	// prefix itself. The file has the prefix in either case.
	Projection bool `json:"prefix_projection" default:"false"`
	// EncoderHidden is the inner width of that network; 0 means the width of a layer's keys.
	EncoderHidden int `json:"encoder_hidden_size" default:"null"`
	// Init is "zero" for a prefix that starts as zeros, "" for a random one.
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
