package waveft_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/waveft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A target has n_frequency values, in the tiny network of 64 entries.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"pattern, bias", `"target_modules": ["query", "value"], "n_frequency": 6, "n_frequency_pattern": {"value": 3}, "bias": "waveft_only", "init_weights": false, "scaling": 2`, 6 + 3 + 16},
		{"long", `"target_modules": ["query"], "n_frequency": 64, "wavelet_family": "sym11", "random_loc_seed": 0`, 64},
		{"no wavelets, shares", `"target_modules": ["query", "intermediate.dense"], "n_frequency": 8, "use_idwt": false, "proportional_parameters": true`, 5 + 11},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "WaveFT, " + v.name, JSON: `{"peft_type": "WAVEFT", ` + v.settings + `}`, Trainable: v.trainable,
				Bad: []pefttest.Bad{
					{Change: `{"n_frequency": 650}`, Field: "n_frequency"}, {Change: `{"n_frequency": -1}`, Field: "n_frequency"},
					{Change: `{"n_frequency_pattern": {"query": 0}}`, Field: "n_frequency_pattern"},
					{Change: `{"wavelet_family": "db39"}`, Field: "wavelet_family"},
				},
			})
		})
	}
}
