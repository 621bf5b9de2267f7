package shira_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/shira"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A target has r (in + out) values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"dense, seed", `"target_modules": ["query"], "r": 4, "random_seed": 0`, 64},
		{"random", `"target_modules": ["query", "value"], "r": 1, "init_weights": false`, 32},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "SHiRA, " + v.name, JSON: `{"peft_type": "SHIRA", ` + v.settings + `}`, Trainable: v.trainable,
				Bad: []pefttest.Bad{
					{Change: `{"r": 5}`, Field: "r"}, {Change: `{"r": -1}`, Field: "r"}, {Change: `{"mask_type": "wanda"}`, Field: "mask_type"},
				},
			})
		})
	}
}
