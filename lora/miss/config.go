package miss

import (
	"cmp"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is MiSS's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the number of inputs after which the columns of the update repeat, at most a target's inputs. With Bat it is the
	// side of the blocks, and must divide the widths of every target. 0 means 64.
	R int `json:"r" default:"64"`
	// MiniR is the number of outputs after which the rows of the update repeat as well, with Mini only; it must divide the
	// outputs of every target. 0 means 1.
	MiniR int `json:"mini_r" default:"1"`
	// Dropout is the probability by which each number of a target's input is set to 0 for the update while training.
	Dropout float64 `json:"miss_dropout" default:"0.0"`
	// Targets says on which linear maps MiSS acts; see peft.Match. The zero value means HF PEFT's choice for the kind of model,
	// mostly the queries and values of attention.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// Bias says which of the model's own biases train and are saved as well: "none", "MiSS_only" (those of the targets) or
	// "all". "" means none.
	Bias string `json:"bias" default:"\"none\""`
	// Init is the form of the update, see the package comment: seam.Drawn, Bat or Mini, which start as zeros, or seam.Random,
	// which is Drawn with random values, for debugging. The zero value means Drawn.
	Init seam.Start `json:"init_weights" default:"true"`
}

// The further forms of the update.
const (
	Bat  seam.Start = "bat"  // blocks of the weight are multiplied: learns more, at a dearer step
	Mini seam.Start = "mini" // rows repeat as columns do: the fewest values
)

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "MISS" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// BiasOption gives Bias to package peft, which writes files as HF PEFT does for it.
func (c *Config) BiasOption() string { return c.Bias }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, cmp.Or(
		seam.CheckLeast("r", m.c.R, 1),
		seam.CheckLeast("mini_r", m.c.MiniR, 1),
		seam.CheckShare("miss_dropout", m.c.Dropout),
		seam.CheckWord("bias", m.c.Bias, "none", "all", "MiSS_only"),
		m.c.Init.Check("init_weights", string(Bat), string(Mini)),
	)
}
