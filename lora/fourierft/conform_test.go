package fourierft_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/fourierft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A target has n_frequency values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"pattern, bias", `"target_modules": ["query", "value"], "n_frequency": 6, "n_frequency_pattern": {"value": 3}, "bias": "fourier_only"`, 6 + 3 + 16},
		{"zeros", `"target_modules": ["query"], "n_frequency": 64, "init_weights": true, "scaling": 20, "random_loc_seed": 0`, 64},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "FourierFT, " + v.name, JSON: `{"peft_type": "FOURIERFT", ` + v.settings + `}`, Trainable: v.trainable,
				Bad: []pefttest.Bad{
					{Change: `{"n_frequency": 65}`, Field: "n_frequency"}, {Change: `{"n_frequency": -1}`, Field: "n_frequency"},
					{Change: `{"n_frequency_pattern": {"query": 0}}`, Field: "n_frequency_pattern"},
				},
			})
		})
	}
}
