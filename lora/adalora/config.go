package adalora

import (
	"math"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is AdaLoRA's settings, for peft.Attach. The zero value of each field but TotalStep, which is required, means HF
// PEFT's default. See the package comment for the budget.
type Config struct {
	seam.Common

	// InitR is the rank of each target at first; 0 means 12.
	InitR int `json:"init_r" default:"12"`
	// TargetR is the mean rank of the targets at the end, at most InitR; 0 means 8.
	TargetR int `json:"target_r" default:"8"`
	// TInit is how many steps train before ranks are taken away.
	TInit int `json:"tinit" default:"0"`
	// TFinal is how many steps train after the last was taken away.
	TFinal int `json:"tfinal" default:"0"`
	// DeltaT is the number of steps from one taking away to the next; 0 means 1.
	DeltaT int `json:"deltaT" default:"1"`
	// TotalStep is the number of steps of the whole run. It must be set, and be more than TInit + TFinal.
	TotalStep int `json:"total_step" default:"null"`
	// Beta1 and Beta2, in (0, 1), smooth how much values matter and how uncertain that is; 0 means 0.85.
	Beta1 float64 `json:"beta1" default:"0.85"`
	Beta2 float64 `json:"beta2" default:"0.85"`
	// OrthRegWeight is the weight of the term of the loss that keeps A and B near orthogonal; 0 means 0.5, peft.Zero none. Where
	// TaskType is "", there is no such term, as in HF PEFT.
	OrthRegWeight float64 `json:"orth_reg_weight" default:"0.5"`
	// RankPattern says, by the target's path and ".lora_E", which of its first ranks are left: what files say. Unset means all.
	RankPattern map[string][]bool `json:"rank_pattern" default:"null"`

	// Alpha sets the strength: the update is multiplied by Alpha/InitR. 0 means 8; below 0 it is InitR.
	Alpha float64 `json:"lora_alpha" default:"8"`
	// Dropout is the probability by which each number that goes into A is set to 0 while training, in [0, 1).
	Dropout float64 `json:"lora_dropout" default:"0.0"`
	// Targets says on which linear maps and convolutions it acts. See peft.Match; the zero value means HF PEFT's choice for the
	// kind of model.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train as well: "none", "lora_only" (those of the targets) or "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter changes nothing; false draws E as well, for debugging. nil means true.
	InitWeights *bool `json:"init_lora_weights" default:"true"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is read and
	// written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// R is a field of HF PEFT's that AdaLoRA does not use: InitR is the rank. It is read and written.
	R int `json:"r" default:"8"`
}

// fixed are LoRA's other settings, which HF PEFT writes for AdaLoRA and does not use.
var fixed = map[string]string{
	"alora_invocation_tokens": "null", "alpha_pattern": "{}", "arrow_config": "null", "corda_config": "null",
	"ensure_weight_tying": "false", "eva_config": "null", "kasa_config": "null", "layer_replication": "null",
	"loftq_config": "{}", "lora_bias": "false", "lora_ga_config": "null", "megatron_config": "null",
	"megatron_core": `"megatron.core"`, "monteclora_config": "null", "qalora_group_size": "16", "target_parameters": "null",
	"trainable_token_indices": "null", "use_bdlora": "null", "use_dora": "false", "use_qalora": "false", "use_rslora": "false",
	"velora_config": "null",
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, Fixed: fixed, DefaultTargets: defaultTargets})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "ADALORA" }

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
	for _, n := range []struct {
		key          string
		value, least int
	}{
		{"init_r", c.InitR, 1}, {"target_r", c.TargetR, 1}, {"tinit", c.TInit, 0}, {"tfinal", c.TFinal, 0}, {"deltaT", c.DeltaT, 1},
		{"total_step", c.TotalStep, 1},
	} {
		if n.value < n.least {
			return seam.Fieldf(n.key, "must be at least %d, is %d", n.least, n.value)
		}
	}
	switch {
	case c.TargetR > c.InitR:
		return seam.Fieldf("target_r", "%d is more than init_r, %d: ranks are only taken away", c.TargetR, c.InitR)
	case c.TInit >= c.TotalStep-c.TFinal:
		return seam.Fieldf("tinit", "%d and tfinal %d leave none of the %d steps of total_step to take ranks away", c.TInit, c.TFinal, c.TotalStep)
	case !(c.Beta1 > 0 && c.Beta1 < 1):
		return seam.Fieldf("beta1", "must be in (0, 1), is %v", c.Beta1)
	case !(c.Beta2 > 0 && c.Beta2 < 1):
		return seam.Fieldf("beta2", "must be in (0, 1), is %v", c.Beta2)
	case !(c.OrthRegWeight >= 0) || math.IsInf(c.OrthRegWeight, 0):
		return seam.Fieldf("orth_reg_weight", "must be a number of at least 0, is %v", c.OrthRegWeight)
	case math.IsNaN(c.Alpha) || math.IsInf(c.Alpha, 0):
		return seam.Fieldf("lora_alpha", "must be a number, is %v", c.Alpha)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return seam.Fieldf("lora_dropout", "must be in [0, 1), is %v", c.Dropout)
	case c.Bias != "none" && c.Bias != "all" && c.Bias != "lora_only":
		return seam.Fieldf("bias", "%q is none of none, all, lora_only", c.Bias)
	}
	return nil
}
