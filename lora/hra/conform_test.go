package hra_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/hra"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A vector has as many values as the input.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
		backbone       func() (*peft.Backbone, error)
	}{
		{"odd", `"target_modules": ["query", "value"], "r": 3`, 2 * 8 * 3, nil},
		{"orthogonal", `"target_modules": ["query", "value"], "r": 4, "apply_GS": true`, 2 * 8 * 4, nil},
		{"random, bias", `"target_modules": ["query"], "r": 2, "init_weights": false, "bias": "hra_only"`, 16 + 8, nil},
		{"convolutions", `"target_modules": ["signal", "image"], "r": 2`, 2*8*3 + 2*4*6, pefttest.Convolved},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := pefttest.Case{
				Name: "HRA, " + v.name, JSON: `{"peft_type": "HRA", ` + v.settings + `}`, Trainable: v.trainable, Backbone: v.backbone,
			}
			if v.backbone == nil {
				c.Bad = []pefttest.Bad{{Change: `{"r": 0}`, Field: "r"}, {Change: `{"r": 999, "apply_GS": true}`, Field: "r"}}
			}
			pefttest.Conform(t, c)
		})
	}
}
