package pvera_test

import (
	"fmt"
	"testing"

	"github.com/gopeft/gopeft/peft/pefttest"

	_ "github.com/gopeft/gopeft/lora/pvera"
)

// Every variant under every law. On the tiny network query, 8 to 8, and output.dense, 12 to 8, train 2 r + 8 values each.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
		noMerge        bool
	}{
		{"plain", ``, 2 * (6 + 8), false},
		{"drawn again, another seed", `, "save_projection": false, "projection_prng_key": 5, "generator_seed": 3`, 2 * (6 + 8), false},
		{"random, dropout", `, "init_weights": false, "pvera_dropout": 0.1`, 2 * (6 + 8), false},
		{"samples", `, "sample_at_inference": true`, 2 * (6 + 8), true},
	} {
		c := pefttest.Case{
			Name: "PVERA, " + v.name, Trainable: v.trainable, NoMerge: v.noMerge,
			JSON: fmt.Sprintf(`{"peft_type": "PVERA", "r": 3, "target_modules": ["query", "layer.0.output.dense"]%s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"pvera_dropout": 1}`, Field: "pvera_dropout"},
				{Change: `{"bias": "vera_only"}`, Field: "bias"},
				{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}
