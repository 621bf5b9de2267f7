package vblora

import (
	"cmp"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is VB-LoRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of each target's update. 0 means 4.
	R int `json:"r" default:"4"`
	// NumVectors is how many vectors the bank has. 0 means 256.
	NumVectors int `json:"num_vectors" default:"256"`
	// VectorLength is how long each is. It must divide the widths of every target. 0 means 256.
	VectorLength int `json:"vector_length" default:"256"`
	// TopK is how many vectors of the bank each part of a factor is mixed of. 0 means 2.
	TopK int `json:"topk" default:"2"`
	// Targets says on which linear maps VB-LoRA acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// SaveOnlyTopK writes the weights of the chosen vectors only, a small part of the file. Such a file can be computed with,
	// but not trained on.
	SaveOnlyTopK bool `json:"save_only_topk_weights" default:"false"`
	// Dropout is the probability by which each number that goes into the first factor is set to 0 while training, in [0, 1).
	Dropout float64 `json:"vblora_dropout" default:"0.0"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is read and
	// written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// Bias says which of the model's own biases train and are saved as well: "none", "vblora_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// BankBound is the bound of the uniform numbers that the bank starts as. 0 means 0.02.
	BankBound float64 `json:"init_vector_bank_bound" default:"0.02"`
	// LogitsStd is the standard deviation of the normal numbers that the logits start as. 0 means 0.1.
	LogitsStd float64 `json:"init_logits_std" default:"0.1"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: defaultTargets()})
}

// defaultTargets are HF PEFT's where a config names none, by model_type.
func defaultTargets() map[string]seam.Targets {
	out := map[string]seam.Targets{
		"t5": seam.Match("q", "k", "v", "o", "wi", "wo"), "mt5": seam.Match("q", "k", "v", "o", "wi_0", "wi_1", "wo"),
		"deberta-v2": seam.Match("query_proj", "key_proj", "value_proj", "dense"),
	}
	for _, t := range []string{"bart", "opt"} {
		out[t] = seam.Match("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")
	}
	usual := seam.UsualTargets()
	for _, t := range []string{
		"gpt2", "bloom", "gptj", "gpt_neox", "gpt_neo", "llama", "llama4", "bert", "roberta", "gpt_bigcode", "deberta", "gemma",
		"gemma2", "gemma3_text", "gemma4", "qwen2", "qwen3", "nemotron_h",
	} {
		out[t] = usual[t]
	}
	return out
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "VBLORA" }

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
	if c.NumVectors >= 1 && c.TopK > c.NumVectors {
		return seam.Fieldf("topk", "%d vectors can't be chosen of num_vectors = %d", c.TopK, c.NumVectors)
	}
	return cmp.Or(
		seam.CheckLeast("r", c.R, 1),
		seam.CheckLeast("num_vectors", c.NumVectors, 1),
		seam.CheckLeast("vector_length", c.VectorLength, 1),
		seam.CheckLeast("topk", c.TopK, 1),
		seam.CheckShare("vblora_dropout", c.Dropout),
		seam.CheckStrength("init_vector_bank_bound", c.BankBound),
		seam.CheckStrength("init_logits_std", c.LogitsStd),
		seam.CheckWord("bias", c.Bias, "none", "all", "vblora_only"),
	)
}
