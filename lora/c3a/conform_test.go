package c3a_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/c3a"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A block of b² entries has b values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
		backbone       func() (*peft.Backbone, error)
	}{
		{"exact, zeros", `"target_modules": ["query", "value"], "block_size": 4, "gopeft_exact_gradient": true, "init_weights": true`, 2 * 4 * 4, nil},
		{"pattern, bias, gaussian", `"target_modules": ["query", "value"], "block_size": 8, "block_size_pattern": {"value": 2}, "bias": "c3a_only", "init_weights": "gaussian"`, 8 + 16*2 + 16, nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := pefttest.Case{
				Name: "C3A, " + v.name, JSON: `{"peft_type": "C3A", ` + v.settings + `}`, Trainable: v.trainable, Backbone: v.backbone,
			}
			if v.backbone == nil {
				c.Bad = []pefttest.Bad{{Change: `{"block_size": 3, "block_size_pattern": {}}`, Field: "block_size"}, {Change: `{"init_weights": "ones"}`, Field: "init_weights"}}
			}
			pefttest.Conform(t, c)
		})
	}
}
