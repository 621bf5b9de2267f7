package full

import "github.com/gopeft/gopeft/peft/seam"

// Config is the settings of full fine-tuning, for peft.Attach. The zero value trains the whole model.
type Config struct {
	seam.Common

	// Targets says which parts of the model train; see peft.Match. A name means a module with all that is inside it, as
	// "encoder.layer.3", or a single value, as "classifier.bias". The zero value means the whole model.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names parts that do not train after all, such as embeddings.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, that train; then nothing outside of blocks does. Not set means all. See
	// peft.IntList.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks in the modules' paths, as "layer", where the first number of a path is not the
	// block's.
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
}

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }}) }

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "FULL" }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) { return &method{seam.WithDefaults(*c)}, nil }

// method trains values in their own place, and needs no hook for it.
type method struct{ c Config }

// GraphKey implements seam.Method.
func (*method) GraphKey() string { return "" }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	params, err := b.SelectValues(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
	}, nil)
	if err != nil {
		return nil, err
	}
	return &seam.Plan{Params: params}, nil
}
