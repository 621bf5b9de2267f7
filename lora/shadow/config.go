package shadow

import (
	"math"

	"github.com/gopeft/gopeft/peft/seam"
)

// Config is ShadowPEFT's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of what a block's input is corrected by. 0 means 8.
	R int `json:"r" default:"8"`
	// Alpha multiplies that correction. 0 means 0.1; an explicit 0 is written peft.Zero.
	Alpha float64 `json:"shadow_alpha" default:"0.1"`
	// Dropout is the dropout rate of the correction's input while training. 0 means 0.2; an explicit 0 is written peft.Zero.
	Dropout float64 `json:"shadow_dropout" default:"0.2"`
	// InitWeights says that a fresh adapter corrects nothing; false draws all of the correction's values. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
	// Model says what the small network is; "mirror", one of the backbone's own architecture, is the only choice. HF PEFT also
	// takes a checkpoint's name or folder here, which is refused. "" means "mirror".
	Model string `json:"shadow_model" default:"\"mirror\""`
	// Layers, Hidden, Heads and Inner are the small network's number of blocks, its width, its heads of attention and the width
	// of its feed-forward. nil means the backbone's, and one block.
	Layers *int `json:"shadow_num_hidden_layers" default:"null"`
	Hidden *int `json:"shadow_hidden_size" default:"null"`
	Heads  *int `json:"shadow_num_attention_heads" default:"null"`
	Inner  *int `json:"shadow_intermediate_size" default:"null"`
	// ShareEmbeddings has the small network read the backbone's token embeddings, where it is as wide as the backbone. Otherwise
	// it has its own. nil means true.
	ShareEmbeddings *bool `json:"share_embeddings" default:"true"`
	// Update is the width of the networks that move the state on behind each block. nil means R.
	Update *int `json:"update_hidden_size" default:"null"`
	// LossWeight is the weight of the small network's own loss, which is added to the loss of a call with labels where TaskType
	// says CAUSAL_LM or SEQ_CLS. 0 means 0.05; an explicit 0, no such loss, is written peft.Zero.
	LossWeight float64 `json:"auxiliary_loss_weight" default:"0.05"`
	// Targets says at which blocks it acts, by their paths, as "model.layers.0", or a pattern of them; not set means all. They
	// must follow one another.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names blocks among the targets at which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// LayersToTransform lists the blocks, from 0, that count where Targets is not set or gives no whole paths; not set means all.
	LayersToTransform seam.Ints `json:"layers_to_transform" default:"null"`
	// LayersPattern names the list of blocks that LayersToTransform counts, as "layers".
	LayersPattern seam.Strings `json:"layers_pattern" default:"null"`
}

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }}) }

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "SHADOW" }

// SetTargets is called when the adapter is saved, with the blocks that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	return m, m.c.validate()
}

func (c *Config) validate() error {
	switch {
	case c.R < 1:
		return seam.Fieldf("r", "must be at least 1, is %d", c.R)
	case !finite(c.Alpha):
		return seam.Fieldf("shadow_alpha", "must be a number, is %v", c.Alpha)
	case !(c.Dropout >= 0 && c.Dropout < 1):
		return seam.Fieldf("shadow_dropout", "must be in [0, 1), is %v", c.Dropout)
	case !finite(c.LossWeight):
		return seam.Fieldf("auxiliary_loss_weight", "must be a number, is %v", c.LossWeight)
	case c.Model != "mirror":
		return &seam.UnsupportedError{Type: "SHADOW", Option: "shadow_model", Value: c.Model}
	}
	for _, n := range []struct {
		field string
		value *int
	}{
		{"shadow_num_hidden_layers", c.Layers}, {"shadow_hidden_size", c.Hidden}, {"shadow_num_attention_heads", c.Heads},
		{"shadow_intermediate_size", c.Inner}, {"update_hidden_size", c.Update},
	} {
		if n.value != nil && *n.value < 1 {
			return seam.Fieldf(n.field, "must be at least 1, is %d", *n.value)
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// or is a number with its default.
func or(n *int, def int) int {
	if n == nil {
		return def
	}
	return *n
}
