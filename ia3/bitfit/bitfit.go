package bitfit

import (
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is BitFit's settings, for peft.Attach. The zero value trains every bias of the model.
type Config struct {
	seam.Common

	// Targets says of which modules the biases train; see peft.Match. A name may also mean a larger part of the model, as
	// "encoder.layer.3". The zero value means the whole model.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules whose biases do not train after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, whose biases train; then none outside of blocks do. Not set means all. See
	// peft.IntList.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths, as "layer", where the first number of a path is not the
	// block's.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
}

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }}) }

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "BITFIT" }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) { return &method{seam.WithDefaults(*c)}, nil }

// method trains biases in their own place, and needs no hook for it.
type method struct{ c Config }

var _ seam.Rower = (*method)(nil)

// GraphKey implements seam.Method.
func (*method) GraphKey() string { return "" }

// RowsOK implements seam.Rower: each row's own bias is added.
func (*method) RowsOK() bool { return true }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	params, err := b.SelectValues(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
	}, isBias)
	if err != nil {
		return nil, err
	}
	return &seam.Plan{Params: params}, nil
}

func isBias(path string) bool { return path == "bias" || strings.HasSuffix(path, ".bias") }
