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
	// LoftQ is for Init "loftq". The zero value means its defaults.
	LoftQ LoftQ `json:"loftq_config" default:"{}"`
	// EVA, CorDA and LoRAGA are for Init "eva", "corda" and "lora_ga", which need data: see peft.Calibrate. nil means their
	// defaults.
	EVA    *EVA    `json:"eva_config" default:"null"`
	CorDA  *CorDA  `json:"corda_config" default:"null"`
	LoRAGA *LoRAGA `json:"lora_ga_config" default:"null"`
	// KaSA, where it is set, takes the smallest singular values out of the frozen weight and trains one for each rank.
	KaSA *KaSA `json:"kasa_config" default:"null"`
	// Blocks, where it is set, makes A or B block-diagonal (BD-LoRA).
	Blocks *Blocks `json:"use_bdlora" default:"null"`
	// InvocationTokens, where they are set, make an activated LoRA (aLoRA): in each row the adapter acts from the last place on
	// where these tokens stand one after another, and not at all in a row without them. What stands before is computed as
	// without the adapter.
	InvocationTokens []int `json:"alora_invocation_tokens" default:"null"`
	// VeLoRA, where it is set, makes A's gradient of compressed inputs.
	VeLoRA *VeLoRA `json:"velora_config" default:"null"`
	// MonteCLoRA, where it is set, draws A anew in each step of training.
	MonteCLoRA *MonteCLoRA `json:"monteclora_config" default:"null"`
	// Arrow, where it is set, makes the adapter a router among other LoRAs; see [NewArrow].
	Arrow *Arrow `json:"arrow_config" default:"null"`
	// LayerReplication, where it is set, makes the adapter act on a deeper (or shallower) backbone, whose blocks are those of
	// these ranges one after another. Blocks that stand there several times share their frozen values, but not what the adapter
	// trains; targets and patterns count the blocks of the new list.
	LayerReplication Ranges `json:"layer_replication" default:"null"`
	// TargetParameters names weights as targets, such as "q_proj.weight", beside the modules of Targets; with Targets an empty
	// list, peft.Match(), alone. Here that is another way to say linear maps and embeddings. A whole path means one weight, the end of one
	// all that have it.
	TargetParameters []string `json:"target_parameters" default:"null"`
	// TieWeights keeps the embeddings and an output layer that shares their weight one where the adapter changes either, as a
	// target or by ModulesToSave: both then get the same change. Without it each has its own.
	TieWeights bool `json:"ensure_weight_tying" default:"false"`

	experts *experts // of Arrow
}

// fixed are HF PEFT's other settings of LoRA, each with the only value that it may have here.
var fixed = map[string]string{
	"corda_config":   "null",
	"eva_config":     "null",
	"lora_ga_config": "null", "megatron_config": "null", "megatron_core": `"megatron.core"`,
	"qalora_group_size": "16",
	"use_qalora":        "false",
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
	if err := m.c.validate(); err != nil {
		return nil, err
	}
	if m.c.KaSA != nil || m.c.MonteCLoRA != nil {
		return regular{m}, nil
	}
	return m, nil
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
	if err := c.Init.validate(); err != nil {
		return err
	}
	return c.validateVariants()
}

// Start says how A and B are drawn at first (init_lora_weights in files). Besides the constants there is
// "pissa_niter_N": PiSSA by N rounds of a faster, random decomposition.
type Start string

// The ways to draw the first values. All but Random and LoftQStart leave the model's outputs as they are until the first step.
const (
	Kaiming    Start = "true"       // A uniform in ±1/sqrt(in), B zero; the default
	Random     Start = "false"      // A and B both random, for debugging: changes the outputs
	Gaussian   Start = "gaussian"   // A normal with deviation 1/r, B zero
	Orthogonal Start = "orthogonal" // A and B in orthogonal subspaces, so that BA = 0
	PiSSA      Start = "pissa"      // the weight's r principal components
	OLoRA      Start = "olora"      // the first r directions of the weight's QR decomposition
	MiCA       Start = "mica"       // B the directions of the weight's r smallest singular values, and kept; A zero
	EVAStart   Start = "eva"        // A the main directions of what goes in, by data; B zero; see Config.EVA
	CorDAStart Start = "corda"      // the weight's components that data call for; see Config.CorDA
	GAStart    Start = "lora_ga"    // the main directions of the weight's gradient, by data; see Config.LoRAGA
	LoftQStart Start = "loftq"      // what is lost where the weight is quantised; see Config.LoftQ
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
	return s == PiSSA || s == OLoRA || s == CorDAStart || s == GAStart || fast
}

func (s Start) validate() error {
	switch s {
	case Kaiming, Random, Gaussian, Orthogonal, PiSSA, OLoRA, MiCA, LoftQStart, EVAStart, CorDAStart, GAStart:
		return nil
	}
	if _, ok := s.iterations(); ok {
		return nil
	}
	return seam.Fieldf("init_lora_weights", "%q is unknown: known are true, false, gaussian, orthogonal, pissa, pissa_niter_N, olora, mica, loftq, eva, corda, lora_ga", s)
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
