package lora

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config holds LoRA's settings under HF PEFT's names. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank, at least 1; 0 means 8.
	R int `json:"r" default:"8"`
	// Alpha scales the update by Alpha/R; 0 means 8. An explicit zero is seam.Zero.
	Alpha float64 `json:"lora_alpha" default:"8"`
	// Dropout is the share of the adapter's input that is dropped while training, in [0, 1).
	Dropout float64 `json:"lora_dropout" default:"0.0"`
	// Targets says which modules get an adapter; the zero value is the family's default.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude takes modules out again.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform limits targets given by name to these blocks.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks, as "layer", when the first number in a path isn't the block's.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// RankPattern and AlphaPattern give modules their own R and Alpha.
	RankPattern  seam.Pattern[int]     `json:"rank_pattern" default:"{}"`
	AlphaPattern seam.Pattern[float64] `json:"alpha_pattern" default:"{}"`
	// Bias is "none", "lora_only" (the targets' biases train) or "all" (every bias does); "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// LoRABias gives B a bias of its own.
	LoRABias bool `json:"lora_bias" default:"false"`
	// RSLoRA scales by Alpha/sqrt(R).
	RSLoRA bool `json:"use_rslora" default:"false"`
	// DoRA decomposes the weight into magnitude and direction.
	DoRA bool `json:"use_dora" default:"false"`
	// Init says how the first values are drawn; the zero value is Kaiming for A and zero for B.
	Init Start `json:"init_lora_weights" default:"true"`
	// Tokens names tokens whose embeddings train whole.
	Tokens Tokens `json:"trainable_token_indices" default:"null"`
	// FanInFanOut says that the targets' weights are stored [in, out], as GPT-2's. Backbones here know that of theirs, so
	// it is for the file only, and corrected there as HF PEFT corrects it.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
}

// fixed are HF PEFT's other LoRA fields, with the only value they may have here.
var fixed = map[string]string{
	"alora_invocation_tokens": "null", "arrow_config": "null", "corda_config": "null", "ensure_weight_tying": "false",
	"eva_config": "null", "kasa_config": "null", "layer_replication": "null", "loftq_config": "{}",
	"lora_ga_config": "null", "megatron_config": "null", "megatron_core": `"megatron.core"`, "monteclora_config": "null",
	"qalora_group_size": "16", "target_parameters": "null", "use_bdlora": "null",
	"use_qalora": "false", "velora_config": "null",
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, Fixed: fixed, DefaultTargets: defaultTargets})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "LORA" }

// SetTargets records the resolved target_modules for the adapter's file.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// BiasOption gives the bias option.
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

// Start is init_lora_weights.
type Start string

// The ways to draw the first values. All but Random leave the backbone's outputs as they are.
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
