package tinylora

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is TinyLoRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is how many singular values of each weight are taken; where a weight has fewer, all of them. 0 means 2.
	R int `json:"r" default:"2"`
	// U is how many values train in each group of targets. 0 means 64.
	U int `json:"u" default:"64"`
	// WeightTying says how far targets share their values: 0 not at all, 1 all of them, and in between n targets are dealt out
	// to n (1 - WeightTying) groups in the model's order.
	WeightTying float64 `json:"weight_tying" default:"0.0"`
	// Seed is what the random matrices are drawn from: those of the k-th target from Seed + k. nil means 42.
	Seed *int `json:"projection_seed" default:"42"`
	// SaveProjection writes the random matrices into the file; without them they are drawn again from Seed. nil means true.
	SaveProjection *bool `json:"save_projection" default:"true"`
	// Bound is the bound of the values at the start with Init Uniform. 0 means 0.02.
	Bound float64 `json:"init_v_bound" default:"0.02"`
	// Targets says on which linear maps and embeddings TinyLoRA acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Dropout is the probability by which each number that goes into A (into the random matrices at an embedding) is set to 0
	// while training, in [0, 1).
	Dropout float64 `json:"tinylora_dropout" default:"0.0"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is read and
	// written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// Bias says which of the model's own biases train and are saved as well: "none", "tinylora_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// Init says how the values start. "" means Zeros.
	Init Start `json:"init_weights" default:"true"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "TINYLORA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	switch {
	case !(c.WeightTying >= 0 && c.WeightTying <= 1):
		return seam.Fieldf("weight_tying", "must be in [0, 1], is %v", c.WeightTying)
	case c.Init != Zeros && c.Init != Uniform && c.Init != Random:
		return seam.Fieldf("init_weights", "%q is none of true, false, uniform", c.Init)
	}
	return cmp.Or(
		seam.CheckLeast("r", c.R, 1),
		seam.CheckLeast("u", c.U, 1),
		seam.CheckStrength("init_v_bound", c.Bound),
		seam.CheckShare("tinylora_dropout", c.Dropout),
		seam.CheckWord("bias", c.Bias, "none", "all", "tinylora_only"),
	)
}

// Start says how the values start (init_weights in files).
type Start string

// The ways to start.
const (
	Zeros   Start = "true"    // zeros, with which the adapter changes nothing; the default
	Uniform Start = "uniform" // uniform within Config.Bound
	Random  Start = "false"   // not set at all in HF PEFT, and as Uniform here
)

// UnmarshalJSON reads true, false or a word.
func (s *Start) UnmarshalJSON(raw []byte) error {
	var yes bool
	if json.Unmarshal(raw, &yes) == nil {
		*s = Start(strconv.FormatBool(yes))
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
	if s == Zeros || s == Random {
		return []byte(s), nil
	}
	return json.Marshal(string(s))
}
