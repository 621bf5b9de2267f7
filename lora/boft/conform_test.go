package boft_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/boft"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A factor of n blocks of b numbers has n b² values, an output one.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
		backbone       func() (*peft.Backbone, error)
	}{
		{"two factors", `"target_modules": ["query", "value"], "boft_block_size": 2, "boft_n_butterfly_factor": 2`, 2 * (2*4*4 + 8), nil},
		{"three factors, dropout", `"target_modules": ["query"], "boft_block_num": 4, "boft_block_size": 0, "boft_n_butterfly_factor": 3, "boft_dropout": 0.3`, 3*4*4 + 8, nil},
		{"random, bias", `"target_modules": ["query"], "init_weights": false, "bias": "boft_only"`, 2*16 + 8 + 8, nil},
		{"convolutions", `"target_modules": ["signal", "image"], "boft_n_butterfly_factor": 2`, 2*6*16 + 8 + 2*6*16 + 6, pefttest.Convolved},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := pefttest.Case{
				Name: "BOFT, " + v.name, JSON: `{"peft_type": "BOFT", ` + v.settings + `}`, Trainable: v.trainable, Backbone: v.backbone,
			}
			if v.backbone == nil {
				c.Bad = []pefttest.Bad{{Change: `{"boft_block_size": 3, "boft_block_num": 0, "boft_n_butterfly_factor": 1}`, Field: "boft_block_size"}, {Change: `{"boft_block_size": 8, "boft_block_num": 0, "boft_n_butterfly_factor": 2}`, Field: "boft_n_butterfly_factor"}}
			}
			pefttest.Conform(t, c)
		})
	}
}
