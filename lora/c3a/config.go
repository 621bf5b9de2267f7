package c3a

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is C3A's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// BlockSize is the size of the circulant blocks. It must divide the widths of each target. 0 means 256.
	BlockSize int `json:"block_size" default:"256"`
	// BlockSizePattern gives some modules another BlockSize.
	BlockSizePattern seam.Pattern[int] `json:"block_size_pattern" default:"{}"`
	// Targets says on which linear maps C3A acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train as well: "none", "c3a_only" or "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says how the values are drawn at first. The zero value means Xavier.
	InitWeights Start `json:"init_weights" default:"\"xavier_uniform\""`
	// ExactGradient trains by the derivative of what is computed. Without it, training follows HF PEFT, whose backward pass
	// goes through the blocks by another matrix; see the package comment. HF PEFT has no such field. nil means false.
	ExactGradient *bool `json:"gopeft_exact_gradient" default:"-"`
}

// Start says how C3A's values are drawn at first (init_weights in files).
type Start string

// The ways to draw the first values.
const (
	Xavier   Start = "xavier_uniform"  // uniform in ±sqrt(6/(in+out)); the default
	Kaiming  Start = "kaiming_uniform" // uniform in ±sqrt(1/in)
	Gaussian Start = "gaussian"        // normal with deviation 1
	Zeros    Start = "zeros"           // true in files: a fresh adapter changes nothing
	none     Start = "false"           // false in files, which is Xavier
)

// UnmarshalJSON reads true, false or a word.
func (s *Start) UnmarshalJSON(raw []byte) error {
	var yes bool
	if json.Unmarshal(raw, &yes) == nil {
		if *s = none; yes {
			*s = Zeros
		}
		return nil
	}
	var word string
	if err := json.Unmarshal(raw, &word); err != nil {
		return fmt.Errorf("want true, false or a word")
	}
	*s = Start(word)
	return nil
}

// MarshalJSON writes true, false or the word.
func (s Start) MarshalJSON() ([]byte, error) {
	switch s {
	case Zeros:
		return []byte("true"), nil
	case none:
		return []byte("false"), nil
	}
	return json.Marshal(string(s))
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "C3A" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

func (c *Config) exact() bool { return c.ExactGradient != nil && *c.ExactGradient }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	if err := cmp.Or(seam.CheckLeast("block_size", m.c.BlockSize, 1), seam.CheckRanks("block_size_pattern", m.c.BlockSizePattern)); err != nil {
		return nil, err
	}
	switch m.c.InitWeights {
	case Xavier, Kaiming, Gaussian, Zeros, none:
		return m, nil
	}
	return nil, seam.Fieldf("init_weights", "%q is none of true, false, %s, %s, %s", m.c.InitWeights, Xavier, Kaiming, Gaussian)
}
