package frod

import (
	"cmp"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is FRoD's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// SparseRate is the part of S's entries that train, in [0, 1]. nil means 0.01.
	SparseRate *float64 `json:"sparse_rate" default:"0.01"`
	// Alpha keeps the inverses apart from infinity by which V is found. 0 means 0.001.
	Alpha float64 `json:"regularization_alpha" default:"0.001"`
	// Seed is the seed of the places of S's entries.
	Seed int64 `json:"projection_prng_key" default:"0"`
	// SaveProjection says that files hold V and the places of S. nil means true.
	SaveProjection *bool `json:"save_projection" default:"true"`
	// Dropout is the probability by which an element of the input is left out of the update in a step of training.
	Dropout float64 `json:"frod_dropout" default:"0.0"`
	// Targets says on which linear maps FRoD acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train as well: "none", "frod_only" or "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// InitWeights says that a fresh adapter changes nothing; false draws the changes at random, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. It is put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// ProgressBar is HF PEFT's: whether it draws a bar while V is found. It is read and written; nothing is drawn here. nil
	// means true.
	ProgressBar *bool `json:"progressbar" default:"true"`
	// OffloadBaseWeight is HF PEFT's: whether the weights that an update replaces lie in the CPU's memory. It changes no number,
	// and is read and written.
	OffloadBaseWeight bool `json:"runtime_offload_base_weight" default:"false"`
}

func init() {
	targets := seam.UsualTargets()
	targets["phi"], targets["vit"] = seam.Match("q_proj", "v_proj"), seam.Match("query", "value")
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: targets})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "FROD" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what the targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	if r := *m.c.SparseRate; !(r >= 0 && r <= 1) {
		return nil, seam.Fieldf("sparse_rate", "must be in [0, 1], is %v", r)
	}
	return m, cmp.Or(
		seam.CheckStrength("regularization_alpha", m.c.Alpha), seam.CheckShare("frod_dropout", m.c.Dropout), seam.CheckWord("bias", m.c.Bias, "none", "all", "frod_only"),
	)
}
