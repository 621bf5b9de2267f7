package tuning

import (
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/prompt"
)

// Config is prompt tuning's settings, for peft.Attach. Virtual.Tokens, the length of the prompt, must be set; the
// zero value of every other field means HF PEFT's default.
type Config struct {
	seam.Common
	prompt.Virtual

	// Init says what the prompt starts from; "" means Random.
	Init Start `json:"prompt_tuning_init" default:"\"RANDOM\""`
	// Text is what FromText starts from, cut or repeated to the prompt's length.
	Text string `json:"prompt_tuning_init_text" default:"null"`
	// Tokenizer is the folder with the tokenizer that cuts Text into tokens.
	Tokenizer string `json:"tokenizer_name_or_path" default:"null"`
	// TokenizerOptions are HF PEFT's options for loading that tokenizer. The package comment lists those that are
	// known.
	TokenizerOptions map[string]any `json:"tokenizer_kwargs" default:"null"`
}

// Start says what a prompt starts from (prompt_tuning_init in files).
type Start string

// What a prompt can start from. None of them leaves the model's outputs as they are.
const (
	Random      Start = "RANDOM"       // normal, with deviation 1
	SampleVocab Start = "SAMPLE_VOCAB" // embeddings of tokens that are drawn
	FromText    Start = "TEXT"         // embeddings of Text's tokens
)

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }}) }

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "PROMPT_TUNING" }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	switch {
	case c.Init != Random && c.Init != SampleVocab && c.Init != FromText:
		return seam.Fieldf("prompt_tuning_init", "%q is none of RANDOM, SAMPLE_VOCAB, TEXT", string(c.Init))
	case c.Init == FromText && c.Tokenizer == "":
		return seam.Fieldf("tokenizer_name_or_path", "is missing, and prompt_tuning_init is TEXT")
	case c.Init == FromText && c.Text == "":
		return seam.Fieldf("prompt_tuning_init_text", "is missing, and prompt_tuning_init is TEXT")
	}
	if len(c.TokenizerOptions) > 0 && c.Init != FromText {
		return seam.Fieldf("tokenizer_kwargs", "is for prompt_tuning_init TEXT only")
	}
	if _, err := c.folder(); err != nil {
		return err
	}
	return c.Check()
}
