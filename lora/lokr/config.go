package lokr

import (
	"cmp"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is LoKr's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of the factors that are decomposed. A factor stays whole where R is at least half of its longer side. 0
	// means 8.
	R int `json:"r" default:"8"`
	// Alpha sets the strength: the update is multiplied by Alpha/R. 0 means 8; peft.Zero is a 0.
	Alpha float64 `json:"alpha" default:"8"`
	// RankDropout is the probability by which each output's part of the update is left out of a step of training.
	RankDropout float64 `json:"rank_dropout" default:"0.0"`
	// ModuleDropout is the probability by which a target's whole update is left out of a step of training.
	ModuleDropout float64 `json:"module_dropout" default:"0.0"`
	// UseEffectiveConv2D gives convolutions of more than one point a core tensor between the two parts of the second factor,
	// in place of one long part: fewer values.
	UseEffectiveConv2D bool `json:"use_effective_conv2d" default:"false"`
	// DecomposeBoth decomposes the first factor as well as the second.
	DecomposeBoth bool `json:"decompose_both" default:"false"`
	// DecomposeFactor sets the size of the first factor's sides: a width is split into this and the rest where it can be
	// divided so, else into the divisors nearest to each other of which the smaller is at most this. 0 means -1, which splits
	// near the square root.
	DecomposeFactor int `json:"decompose_factor" default:"-1"`
	// RankDropoutScale multiplies what RankDropout leaves so that its sum stays.
	RankDropoutScale bool `json:"rank_dropout_scale" default:"false"`
	// Targets says on which linear maps and convolutions LoKr acts; see peft.Match. The zero value means HF PEFT's choice for
	// the kind of model, mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// RankPattern and AlphaPattern give some modules another R or Alpha.
	RankPattern  seam.Pattern[int]     `json:"rank_pattern" default:"{}"`
	AlphaPattern seam.Pattern[float64] `json:"alpha_pattern" default:"{}"`
	// Init says how first values are drawn: seam.Drawn, LyCORIS or seam.Random. The zero value means Drawn.
	Init seam.Start `json:"init_weights" default:"true"`
}

// LyCORIS draws first values as the library of that name: the first factor is random and the second zero, where Drawn has it
// the other way round. A fresh adapter changes nothing either way.
const LyCORIS seam.Start = "lycoris"

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "LOKR" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	if c.DecomposeFactor != -1 && c.DecomposeFactor < 1 {
		return seam.Fieldf("decompose_factor", "must be -1 or at least 1, is %d", c.DecomposeFactor)
	}
	return cmp.Or(
		seam.CheckLeast("r", c.R, 1),
		seam.CheckStrength("alpha", c.Alpha),
		seam.CheckShare("rank_dropout", c.RankDropout),
		seam.CheckShare("module_dropout", c.ModuleDropout),
		seam.CheckRanks("rank_pattern", c.RankPattern),
		seam.CheckStrengths("alpha_pattern", c.AlphaPattern),
		c.Init.Check("init_weights", string(LyCORIS)),
	)
}
