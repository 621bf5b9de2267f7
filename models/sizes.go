package models

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// resizer makes the network of a config for other numbers of tokens and classes; see seam.Origin.
func resizer(raw []byte) func(vocab int, labels []string) (*seam.Resized, error) {
	return func(vocab int, labels []string) (*seam.Resized, error) {
		m, err := build("config.json", raw, &options{})
		if err != nil {
			return nil, err
		}
		info := m.net.Info()
		if vocab != info.Vocab || !slices.Equal(labels, info.Classes) {
			cfg, err := arch.ParseConfig(raw)
			if err != nil {
				return nil, err
			}
			if vocab != info.Vocab {
				setVocab(cfg, vocab)
			}
			if !slices.Equal(labels, info.Classes) {
				setLabels(cfg, labels)
			}
			config, err := cfg.JSON()
			if err != nil {
				return nil, err
			}
			if m, err = build("config.json", config, &options{}); err != nil {
				return nil, err
			}
		}
		return &seam.Resized{Model: m.net, Config: m.config, Shapes: shapesOf(m.net)}, nil
	}
}

// setVocab puts the number of tokens where the config has it: in CLIP's in the section of the texts' tower.
func setVocab(cfg *arch.Config, vocab int) {
	if arch.Get(cfg, "model_type", "") != "clip" {
		cfg.Set("vocab_size", vocab)
		return
	}
	section := "text_config"
	if cfg.Has(section + "_dict") { // which counts where both are there
		section += "_dict"
	}
	tower := arch.Get(cfg, section, map[string]json.RawMessage{})
	tower["vocab_size"] = json.RawMessage(strconv.Itoa(vocab))
	cfg.Set(section, tower)
}

// shapesOf gives the shapes of a network's values by path, of what is tied too.
func shapesOf(net arch.Network) map[string][]int {
	out, values := map[string][]int{}, net.Values()
	for _, v := range values {
		if v.Tied == "" {
			out[v.Path] = v.Shape
		}
	}
	for _, v := range values {
		if v.Tied != "" {
			out[v.Path] = out[v.Tied]
		}
	}
	return out
}
