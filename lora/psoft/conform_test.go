package psoft_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/psoft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A rotation of r directions has r(r-1)/2 values, a free map r².
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"series, bound, dropout", `"r": 3, "use_cayley_neumann": true, "cayley_neumann_eps": 0.2, "psoft_dropout": 0.1`, 2 * (3 + 6)},
		{"free, pissa", `"r": 3, "psoft_orth": false, "ab_svd_init": "pissa_init", "psoft_mag_a": false`, 2 * (9 + 3)},
		{"random, lowrank", `"r": 4, "psoft_alpha": 2, "init_weights": false, "psoft_svd": "lowrank", "psoft_mag_b": false`, 2 * (6 + 4)},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "PSOFT, " + v.name, JSON: `{"peft_type": "PSOFT", "target_modules": ["query", "value"], ` + v.settings + `}`, Trainable: v.trainable,
				Bad: []pefttest.Bad{{Change: `{"r": 9}`, Field: "r"}, {Change: `{"psoft_svd": "half"}`, Field: "psoft_svd"}},
			})
		})
	}
}
