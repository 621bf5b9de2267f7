package lora

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is LoRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default, so &Config{} is a
// LoRA of rank 8 on the modules that HF PEFT picks for the kind of model. Settings that can't be used, or not
// together, are refused when the config is attached.
type Config struct {
	seam.Common

	// R is the rank: the number of rows of A and columns of B. More of it learns more and costs as much more. 0 means
	// 8.
	R int `json:"r" default:"8"`
	// Alpha sets the strength: the update is multiplied by Alpha/R. 0 means 8; peft.Zero is a 0, with which the
	// adapter does nothing.
	Alpha float64 `json:"lora_alpha" default:"8"`
	// Dropout is the probability by which each number that goes into A is set to 0 while training, in [0, 1).
	Dropout float64 `json:"lora_dropout" default:"0.0"`
	// Targets says on which modules LoRA acts: linear maps, embeddings, convolutions. See peft.Match; the zero value
	// means HF PEFT's choice for the kind of model, mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all. See
	// peft.IntList.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths, as "layer", where the first number of a path is
	// not the block's.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// RankPattern and AlphaPattern give some modules another R or Alpha. A pattern that matches no target is an
	// error.
	RankPattern  seam.Pattern[int]     `json:"rank_pattern" default:"{}"`
	AlphaPattern seam.Pattern[float64] `json:"alpha_pattern" default:"{}"`
	// Bias says which of the model's own biases train and are saved as well: "none", "lora_only" (those of the
	// targets) or "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// LoRABias adds a trained bias to B.
	LoRABias bool `json:"lora_bias" default:"false"`
	// RSLoRA multiplies the update by Alpha/sqrt(R) instead of Alpha/R, so that its strength does not fall as the
	// rank grows.
	RSLoRA bool `json:"use_rslora" default:"false"`
	// DoRA trains the magnitude of each output's weights apart from their direction; see the package comment. It
	// often learns better at low ranks, and makes steps slower.
	DoRA bool `json:"use_dora" default:"false"`
	// Init says how the first values are drawn. The zero value means Kaiming: A random, B zero.
	Init Start `json:"init_lora_weights" default:"true"`
	// Tokens names tokens whose embeddings train as a whole, such as those that were added to the vocabulary.
	Tokens Tokens `json:"trainable_token_indices" default:"null"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is
	// read and written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
}

// fixed are HF PEFT's other settings of LoRA, each with the only value that it may have here.
var fixed = map[string]string{
	"alora_invocation_tokens": "null", "arrow_config": "null", "corda_config": "null", "ensure_weight_tying": "false",
	"eva_config": "null", "kasa_config": "null", "layer_replication": "null", "loftq_config": "{}",
	"lora_ga_config": "null", "megatron_config": "null", "megatron_core": `"megatron.core"`, "monteclora_config": "null",
	"qalora_group_size": "16", "target_parameters": "null", "use_bdlora": "null",
	"use_qalora": "false", "velora_config": "null",
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, Fixed: fixed, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "LORA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	switch {
	case c.R < 1:
		return seam.Fieldf("r", "must be at least 1, is %d", c.R)
	case !(c.Alpha >= 0) || math.IsInf(c.Alpha, 0):
		return seam.Fieldf("lora_alpha", "must be a number of at least 0, is %v", c.Alpha)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return seam.Fieldf("lora_dropout", "must be in [0, 1), is %v", c.Dropout)
	case c.Bias != "none" && c.Bias != "all" && c.Bias != "lora_only":
		return seam.Fieldf("bias", "%q is none of none, all, lora_only", c.Bias)
	case c.LoRABias && c.DoRA:
		return seam.Fieldf("lora_bias", "does not go with use_dora")
	case c.LoRABias && !c.Init.plain():
		return seam.Fieldf("lora_bias", "does not go with init_lora_weights %q", c.Init)
	case c.Init == Orthogonal && c.R%2 != 0:
		return seam.Fieldf("r", "must be even with init_lora_weights \"orthogonal\", is %d", c.R)
	}
	for _, rule := range c.RankPattern {
		if rule.Value < 1 {
			return seam.Fieldf("rank_pattern", "%q: must be at least 1, is %d", rule.Match, rule.Value)
		}
		if c.Init == Orthogonal && rule.Value%2 != 0 {
			return seam.Fieldf("rank_pattern", "%q: must be even with init_lora_weights \"orthogonal\", is %d", rule.Match, rule.Value)
		}
	}
	for _, rule := range c.AlphaPattern {
		if !(rule.Value >= 0) || math.IsInf(rule.Value, 0) {
			return seam.Fieldf("alpha_pattern", "%q: must be a number of at least 0, is %v", rule.Match, rule.Value)
		}
	}
	return c.Init.validate()
}

// Start says how A and B are drawn at first (init_lora_weights in files). Besides the constants there is
// "pissa_niter_N": PiSSA by N rounds of a faster, random decomposition.
type Start string

// The ways to draw the first values. All but Random leave the model's outputs as they are until the first step.
const (
	Kaiming    Start = "true"       // A uniform in ±1/sqrt(in), B zero; the default
	Random     Start = "false"      // A and B both random, for debugging: changes the outputs
	Gaussian   Start = "gaussian"   // A normal with deviation 1/r, B zero
	Orthogonal Start = "orthogonal" // A and B in orthogonal subspaces, so that BA = 0
	PiSSA      Start = "pissa"      // the weight's r principal components
	OLoRA      Start = "olora"      // the first r directions of the weight's QR decomposition
)

func (s Start) plain() bool { return s == Kaiming || s == Random }

// iterations gives N of "pissa_niter_N".
func (s Start) iterations() (int, bool) {
	text, ok := strings.CutPrefix(string(s), "pissa_niter_")
	n, err := strconv.Atoi(text)
	return n, ok && err == nil && n >= 0
}

// changesBase reports whether the frozen weight loses what A and B start from.
func (s Start) changesBase() bool {
	_, fast := s.iterations()
	return s == PiSSA || s == OLoRA || fast
}

func (s Start) validate() error {
	switch s {
	case Kaiming, Random, Gaussian, Orthogonal, PiSSA, OLoRA:
		return nil
	case "eva", "corda", "loftq", "mica", "lora_ga":
		return &seam.UnsupportedError{Option: "init_lora_weights", Value: string(s)}
	}
	if _, ok := s.iterations(); ok {
		return nil
	}
	return seam.Fieldf("init_lora_weights", "%q is unknown: known are true, false, gaussian, orthogonal, pissa, pissa_niter_N, olora", s)
}

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
	*s = Start(strings.ToLower(word))
	return nil
}

// MarshalJSON writes true, false or the word.
func (s Start) MarshalJSON() ([]byte, error) {
	if s.plain() {
		return []byte(s), nil
	}
	return json.Marshal(string(s))
}
