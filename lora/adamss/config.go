package adamss

import (
	"cmp"
	"encoding/json"
	"errors"
	"math"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is AdaMSS's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is how many directions of the weight count, at most as many as it has. 0 means 100.
	R int `json:"r" default:"100"`
	// NumSubspaces is into how many parts the rows of each weight are divided, at most as many as it has rows. 0 means 5.
	NumSubspaces int `json:"num_subspaces" default:"5"`
	// SubspaceRank is the rank of each part's update, at most as many as the part has rows. 0 means 1.
	SubspaceRank int `json:"subspace_rank" default:"1"`
	// Targets says on which linear maps AdaMSS acts; see peft.Match. The zero value means HF PEFT's choice for the kind of model.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// InitWeights says how a fresh adapter starts. "" means Orthogonal.
	InitWeights Start `json:"init_weights" default:"\"orthogonal\""`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// UseDynamicRank lowers the rank of a part to the number of its directions that matter, by SVDThreshold.
	UseDynamicRank bool `json:"use_dynamic_rank" default:"false"`
	// SVDThreshold is what a direction's share in the part's rows, squared, must exceed, relative to that of the first one. 0
	// means 0.1, peft.Zero none.
	SVDThreshold float64 `json:"svd_threshold" default:"0.1"`
	// RandomSeed is what the decomposition starts from; equal seeds divide the rows of a weight equally.
	RandomSeed int `json:"random_seed" default:"0"`

	// UseASA stops the training of parts that matter less, step by step, as the package comment says; the settings below are
	// for it.
	UseASA bool `json:"use_asa" default:"false"`
	// ASATargetSubspaces is how many parts of all targets together the last steps are to leave. 0 means 50.
	ASATargetSubspaces int `json:"asa_target_subspaces" default:"50"`
	// InitWarmup is the step, counted from 0, from which parts are stopped. 0 means 50.
	InitWarmup int `json:"init_warmup" default:"50"`
	// FinalWarmup is the last step after which any is stopped. 0 means 1000.
	FinalWarmup int `json:"final_warmup" default:"1000"`
	// MaskInterval is the number of steps from one stop to the next. 0 means 100.
	MaskInterval int `json:"mask_interval" default:"100"`
	// ImportanceBeta and UncertaintyBeta smooth how much values matter and how uncertain that is. 0 means 0.85.
	ImportanceBeta  float64 `json:"asa_importance_beta" default:"0.85"`
	UncertaintyBeta float64 `json:"asa_uncertainty_beta" default:"0.85"`
	// ScheduleExponent is how much earlier than evenly parts are stopped: 1 is evenly. 0 means 3.
	ScheduleExponent float64 `json:"asa_schedule_exponent" default:"3.0"`
}

// Start says how a fresh adapter starts.
type Start string

// The starts that there are. HF PEFT's files have null for the latter.
const (
	Orthogonal Start = "orthogonal" // B are zeros: a fresh adapter changes nothing
	Random     Start = "random"     // B are random, for debugging
)

// TakesNull says that null in a file is a value of its own.
func (Start) TakesNull() {}

// UnmarshalJSON reads "orthogonal", null or false.
func (s *Start) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" || string(raw) == "false" {
		*s = Random
		return nil
	}
	if json.Unmarshal(raw, (*string)(s)) != nil || *s != Orthogonal {
		return errors.New(`want "orthogonal" or null`)
	}
	return nil
}

// MarshalJSON writes what HF PEFT reads.
func (s Start) MarshalJSON() ([]byte, error) {
	if s == Random {
		return []byte("null"), nil
	}
	return json.Marshal(string(s))
}

func defaultTargets() map[string]seam.Targets {
	out := seam.UsualTargets()
	out["vit"] = seam.Match("query", "value")
	return out
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: defaultTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "ADAMSS" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	if err := m.c.validate(); err != nil {
		return nil, err
	}
	if m.c.UseASA {
		return &allocating{m}, nil
	}
	return m, nil
}

func (c *Config) validate() error {
	if err := cmp.Or(
		seam.CheckLeast("r", c.R, 1),
		seam.CheckLeast("num_subspaces", c.NumSubspaces, 1),
		seam.CheckLeast("subspace_rank", c.SubspaceRank, 1),
		seam.CheckWord("init_weights", string(c.InitWeights), string(Orthogonal), string(Random)),
		seam.CheckLeast("asa_target_subspaces", c.ASATargetSubspaces, 1),
		seam.CheckLeast("init_warmup", c.InitWarmup, 0),
		seam.CheckLeast("mask_interval", c.MaskInterval, 1),
	); err != nil {
		return err
	}
	switch {
	case !(c.SVDThreshold >= 0 && c.SVDThreshold <= 1):
		return seam.Fieldf("svd_threshold", "must be in [0, 1], is %v", c.SVDThreshold)
	case !(c.ImportanceBeta >= 0 && c.ImportanceBeta <= 1):
		return seam.Fieldf("asa_importance_beta", "must be in [0, 1], is %v", c.ImportanceBeta)
	case !(c.UncertaintyBeta >= 0 && c.UncertaintyBeta <= 1):
		return seam.Fieldf("asa_uncertainty_beta", "must be in [0, 1], is %v", c.UncertaintyBeta)
	case !(c.ScheduleExponent > 0) || math.IsInf(c.ScheduleExponent, 0):
		return seam.Fieldf("asa_schedule_exponent", "must be a positive number, is %v", c.ScheduleExponent)
	case c.UseASA && c.InitWarmup >= c.FinalWarmup:
		return seam.Fieldf("init_warmup", "%d must be less than final_warmup, %d", c.InitWarmup, c.FinalWarmup)
	}
	return nil
}
