package lily

import (
	"cmp"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is Lily's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of each A and B; two to four times what LoRA would have. 0 means 32.
	R int `json:"r" default:"32"`
	// StrideA is how many targets of one name and size in a row share their A. 0 means 1: each has its own.
	StrideA int `json:"stride_A" default:"1"`
	// NumB is how many B the targets of one name and size share; at least 2. 0 means 2.
	NumB int `json:"num_B" default:"2"`
	// Scaling multiplies what is added. 0 means 1; peft.Zero is a 0.
	Scaling float64 `json:"scaling" default:"1.0"`
	// Targets says on which linear maps Lily acts; see peft.Match. Those that one name means share their values, and all that a
	// pattern means. Of "all-linear" each target has its own, unless there are 20 of them or more.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, in which targets given by name count; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
	// InitWeights says that a fresh adapter changes nothing; false draws B, too, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// RouteByRow weighs the B for each row of a batch by its own tokens, padding left out, and not for the batch as a whole.
	// HF PEFT has no such setting and ignores it: there the adapter computes the same only for a batch of one row without
	// padding. nil means false.
	RouteByRow *bool `json:"gopeft_route_by_row" default:"-"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "LILY" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	if m.c.NumB == 1 {
		return nil, seam.Fieldf("num_B", "must be at least 2, for there to be anything to weigh, is 1")
	}
	return m, cmp.Or(
		seam.CheckLeast("r", m.c.R, 1),
		seam.CheckLeast("stride_A", m.c.StrideA, 1),
		seam.CheckLeast("num_B", m.c.NumB, 2),
		seam.CheckNumber("scaling", m.c.Scaling),
	)
}
