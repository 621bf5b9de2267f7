package psoft

import (
	"cmp"
	"math"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is PSOFT's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of the subspace. 0 means 32.
	R int `json:"r" default:"32"`
	// Alpha/R is the scale by which A and B are divided and the update is multiplied. 0 means 32.
	Alpha float64 `json:"psoft_alpha" default:"32"`
	// Dropout is the probability by which each number that goes into A is set to 0 while training.
	Dropout float64 `json:"psoft_dropout" default:"0.0"`
	// Targets says on which linear maps PSOFT acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Split says how the singular values are shared out between B and A: "psoft_init" gives B all of them, "pissa_init" both
	// their roots. "" means psoft_init.
	Split string `json:"ab_svd_init" default:"\"psoft_init\""`
	// SVD is "full" or "lowrank"; see the package comment. "" means full.
	SVD string `json:"psoft_svd" default:"\"full\""`
	// LowRankRounds is how many rounds "lowrank" takes in HF PEFT. 0 means 10.
	LowRankRounds int `json:"psoft_svd_lowrank_niter" default:"10"`
	// RandomSeed is what "lowrank" starts from in HF PEFT.
	RandomSeed int `json:"random_seed" default:"0"`
	// Orthogonal makes Q orthogonal; without it Q is any matrix. nil means true.
	Orthogonal *bool `json:"psoft_orth" default:"true"`
	// ScaleA and ScaleB train a and b; without them they are ones. nil means true.
	ScaleA *bool `json:"psoft_mag_a" default:"true"`
	ScaleB *bool `json:"psoft_mag_b" default:"true"`
	// UseCayleyNeumann computes Q by a series instead of an inverse.
	UseCayleyNeumann bool `json:"use_cayley_neumann" default:"false"`
	// CayleyNeumannTerms is how many terms of the series there are. 0 means 5.
	CayleyNeumannTerms int `json:"num_cayley_neumann_terms" default:"5"`
	// CayleyNeumannEps bounds the norm of S with the series. nil means no bound.
	CayleyNeumannEps *float64 `json:"cayley_neumann_eps" default:"null"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. It is put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// InitWeights says that a fresh adapter changes nothing; false draws Q, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "PSOFT" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what the targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	if err := cmp.Or(
		seam.CheckLeast("r", c.R, 1),
		seam.CheckShare("psoft_dropout", c.Dropout),
		seam.CheckLeast("num_cayley_neumann_terms", c.CayleyNeumannTerms, 1),
		seam.CheckLeast("psoft_svd_lowrank_niter", c.LowRankRounds, 0),
	); err != nil {
		return err
	}
	switch {
	case !(c.Alpha > 0) || math.IsInf(c.Alpha, 0):
		return seam.Fieldf("psoft_alpha", "must be a positive number, is %v", c.Alpha)
	case c.Split != "psoft_init" && c.Split != "pissa_init":
		return seam.Fieldf("ab_svd_init", "%q is none of psoft_init, pissa_init", c.Split)
	case c.SVD != "full" && c.SVD != "lowrank":
		return seam.Fieldf("psoft_svd", "%q is none of full, lowrank", c.SVD)
	case c.CayleyNeumannEps != nil && !(*c.CayleyNeumannEps > 0):
		return seam.Fieldf("cayley_neumann_eps", "must be a positive number, is %v", *c.CayleyNeumannEps)
	}
	return nil
}
