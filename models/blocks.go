package models

import (
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// replicator makes the network of a config for another list of blocks; see seam.Origin.
func replicator(raw []byte) func(blocks []int) (*seam.Resized, error) {
	return func(blocks []int) (*seam.Resized, error) {
		m, err := build("config.json", raw, &options{})
		if err != nil {
			return nil, err
		}
		cfg, err := arch.ParseConfig(raw)
		if err != nil {
			return nil, err
		}
		field := "num_hidden_layers"
		for _, other := range []string{"n_layer", "n_layers"} {
			if cfg.Has(other) {
				field = other
			}
		}
		layers := m.net.Info().Layers
		if i := slices.IndexFunc(blocks, func(b int) bool { return b < 0 || b >= layers }); i >= 0 || len(blocks) == 0 {
			return nil, fmt.Errorf("%w: blocks %v of a backbone with %d", peft.ErrInput, blocks, layers)
		}
		cfg.Set(field, len(blocks))
		if types := layerTypes(cfg, layers); types != nil {
			next := make([]string, len(blocks))
			for i, b := range blocks {
				next[i] = types[b]
			}
			cfg.Set("layer_types", next)
		}
		config, err := cfg.JSON()
		if err != nil {
			return nil, err
		}
		next, err := build("config.json", config, &options{})
		if err != nil {
			return nil, err
		}
		if next.net.Info().Layers != len(blocks) {
			return nil, fmt.Errorf("%w: another list of blocks for a %s", peft.ErrUnsupported, next.net.Info().ModelType)
		}
		return &seam.Resized{Model: next.net, Config: next.config, Shapes: shapesOf(next.net)}, nil
	}
}

// layerTypes gives the kind of each block where they are not alike: as the config lists them, or by the family's rule.
func layerTypes(cfg *arch.Config, layers int) []string {
	if cfg.Has("layer_types") {
		return arch.Get(cfg, "layer_types", []string{})
	}
	var slides func(int) bool
	switch {
	case arch.Get(cfg, "model_type", "") == "gemma2":
		slides = func(block int) bool { return block%2 == 0 }
	case arch.Get(cfg, "use_sliding_window", false):
		first := arch.Get(cfg, "max_window_layers", 28)
		slides = func(block int) bool { return block >= first }
	default:
		return nil
	}
	out := make([]string, layers)
	for i := range out {
		if out[i] = "full_attention"; slides(i) {
			out[i] = "sliding_attention"
		}
	}
	return out
}
