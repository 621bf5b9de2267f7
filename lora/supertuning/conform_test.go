package supertuning_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/supertuning"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A target has (1 - sparsity) in out values, and with a LoRA r (in + out) more.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"smallest", `"sparsity": 0.8, "select_top": false`, 2 * 12},
		{"no indices in files", `"sparsity": 0.85, "save_precomputed_indices": false`, 2 * 9},
		{"Supra", `"sparsity": 0.9, "r": 2, "lora_dropout": 0.1`, 2*6 + 2*2*16},
		{"Supra, random", `"sparsity": 0.9, "r": 1, "lora_alpha": 0.5, "init_weights": false`, 2*6 + 2*16},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "Super-Tuning, " + v.name, JSON: `{"peft_type": "SUPERTUNING", "target_modules": ["query", "value"], ` + v.settings + `}`, Trainable: v.trainable,
				Bad: []pefttest.Bad{
					{Change: `{"sparsity": 0.99}`, Field: "sparsity"}, {Change: `{"sparsity": 1}`, Field: "sparsity"},
					{Change: `{"r": 0, "lora_alpha": 1}`, Field: "r"}, {Change: `{"r": null, "lora_alpha": 1}`, Field: "lora_alpha"},
					{Change: `{"lora_dropout": 1}`, Field: "lora_dropout"},
				},
			})
		})
	}
}
