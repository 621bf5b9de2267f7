package loha_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/loha"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. Two pairs of factors of rank r train 2 r (in + out) values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
		backbone       func() (*peft.Backbone, error)
	}{
		{"patterns, dropouts", `"target_modules": ["query", "value"], "r": 2, "rank_pattern": {"value": 3}, "alpha_pattern": {"query": 1}, "rank_dropout": 0.3, "module_dropout": 0.3`, 4*16 + 6*16, nil},
		{"random", `"target_modules": ["query"], "r": 2, "init_weights": false`, 4 * 16, nil},
		{"convolutions", `"target_modules": ["signal", "image", "volume"], "r": 2`, 4*(8+8*3) + 4*(6+4*6) + 4*(4+6*4), pefttest.Convolved},
		{"cores", `"target_modules": ["signal", "image"], "r": 2, "use_effective_conv2d": true`, 2*(2*8+2*8+4*3) + 2*(2*6+2*4+4*6), pefttest.Convolved},
	} {
		t.Run(v.name, func(t *testing.T) {
			c := pefttest.Case{
				Name: "LOHA, " + v.name, JSON: `{"peft_type": "LOHA", ` + v.settings + `}`, Trainable: v.trainable, Backbone: v.backbone,
			}
			if v.backbone == nil {
				c.Bad = []pefttest.Bad{{Change: `{"r": 0}`, Field: "r"}}
			}
			pefttest.Conform(t, c)
		})
	}
}
