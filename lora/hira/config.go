package hira

import (
	"cmp"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is HiRA's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of B A. 0 means 32.
	R int `json:"r" default:"32"`
	// Dropout is the probability by which each number of a target's input is set to 0 for the update while training. Embeddings
	// read ids and have none.
	Dropout float64 `json:"hira_dropout" default:"0.0"`
	// Targets says on which linear maps, embeddings and convolutions HiRA acts; see peft.Match. The zero value means HF PEFT's
	// choice for the kind of model, mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// RankPattern gives some modules another R.
	RankPattern seam.Pattern[int] `json:"rank_pattern" default:"{}"`
	// FanInFanOut says that the model keeps its weights [in, out], as GPT-2's. Models here know that of theirs; it is read and
	// written for HF PEFT, and put right on saving.
	FanInFanOut bool `json:"fan_in_fan_out" default:"false"`
	// Init says how first values are drawn: seam.Drawn, Gaussian or seam.Random. The zero value means Drawn.
	Init seam.Start `json:"init_weights" default:"true"`
}

// Gaussian draws A of linear maps from a normal distribution of deviation 1/R, where Drawn has a uniform one. B is zero.
const Gaussian seam.Start = "gaussian"

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "HIRA" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// SetFanInFanOut is called when the adapter is saved, with what its targets have.
func (c *Config) SetFanInFanOut(yes bool) { c.FanInFanOut = yes }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, cmp.Or(
		seam.CheckLeast("r", m.c.R, 1),
		seam.CheckShare("hira_dropout", m.c.Dropout),
		seam.CheckRanks("rank_pattern", m.c.RankPattern),
		m.c.Init.Check("init_weights", string(Gaussian)),
	)
}
