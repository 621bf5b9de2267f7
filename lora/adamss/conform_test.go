package adamss_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/adamss"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. With subspaces of rank 1 a target 8 to 8 trains a value for each row, and one
// for each subspace and direction.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"rank 1", `"r": 5, "num_subspaces": 3`, 2 * (8 + 3*5)},
		{"one subspace, wide", `"r": 3, "num_subspaces": 1, "subspace_rank": 8`, 2 * 3 * (8 + 3)},
		{"each row, random", `"r": 4, "num_subspaces": 20, "init_weights": null, "random_seed": 7`, 2 * (8 + 8*4)},
		{"dynamic", `"num_subspaces": 2, "subspace_rank": 3, "use_dynamic_rank": true, "svd_threshold": 0.2`, 0},
		{"asa", `"r": 4, "num_subspaces": 2, "use_asa": true, "asa_target_subspaces": 2, "init_warmup": 1, "final_warmup": 4, "mask_interval": 1`, 2 * (8 + 2*4)},
	} {
		c := pefttest.Case{
			Name: "ADAMSS, " + v.name, JSON: `{"peft_type": "ADAMSS", "target_modules": ["query", "value"], ` + v.settings + `}`, Trainable: v.trainable,
		}
		if v.name == "asa" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": -1}`, Field: "r"},
				{Change: `{"num_subspaces": -1}`, Field: "num_subspaces"},
				{Change: `{"init_weights": "gaussian"}`, Field: "init_weights"},
				{Change: `{"init_warmup": 4}`, Field: "init_warmup"},
				{Change: `{"mask_interval": -1}`, Field: "mask_interval"},
				{Change: `{"asa_target_subspaces": -2}`, Field: "asa_target_subspaces"},
				{Change: `{"asa_schedule_exponent": 0}`, Field: "asa_schedule_exponent"},
				{Change: `{"svd_threshold": 1.5}`, Field: "svd_threshold"},
				{Change: `{"asa_importance_beta": 2}`, Field: "asa_importance_beta"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}
