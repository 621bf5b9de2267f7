package shadow_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/shadow"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. On pefttest.Tiny a block has r · 2 · 8 values for the correction and two
// networks of 8 u + u + 8 u + 8 behind it; the small network here has 2 · width · inner values in each layer.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"defaults", `"r": 2`, 2*16 + 2*(16+2+16+8) + 2*8*12},
		{"own embeddings, classes", `"r": 2, "update_hidden_size": 3, "share_embeddings": false, "task_type": "SEQ_CLS"`, 2*16 + 2*(24+3+24+8) + 2*8*12 + 11*8 + 2*(3*8+3)},
		{"narrow", `"r": 2, "shadow_hidden_size": 4, "shadow_num_hidden_layers": 2, "shadow_intermediate_size": 6, "init_weights": false`, 2*16 + 2*(16+2+16+8) + 2*2*4*6 + 11*4 + 8*4},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "SHADOW, " + v.name, JSON: `{"peft_type": "SHADOW", ` + v.settings + `}`, Trainable: v.trainable,
				Bad: []pefttest.Bad{
					{Change: `{"r": -1}`, Field: "r"}, {Change: `{"shadow_hidden_size": 0}`, Field: "shadow_hidden_size"},
					{Change: `{"shadow_dropout": 1}`, Field: "shadow_dropout"}, {Change: `{"shadow_model": "some/checkpoint"}`, Field: "shadow_model"},
					{Change: `{"target_modules": ["layer.7"]}`, Field: "target_modules"},
				},
			})
		})
	}
}
