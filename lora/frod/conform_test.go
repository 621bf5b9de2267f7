package frod_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/frod"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A target of width n has n + n² sparse_rate values, at least one more than n.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"dense, biases", `"target_modules": ["query", "value"], "sparse_rate": 1, "bias": "frod_only"`, 2*(8+56) + 16},
		{"no V in HF's files, dropout", `"target_modules": ["query", "layer.0.output.dense"], "save_projection": false, "frod_dropout": 0.1, "sparse_rate": 0.05`, 8 + 3 + 12 + 7},
		{"no S, random", `"target_modules": ["query"], "sparse_rate": 0, "init_weights": false`, 8},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "FRoD, " + v.name, JSON: `{"peft_type": "FROD", ` + v.settings + `}`, Trainable: v.trainable,
				Bad: []pefttest.Bad{
					{Change: `{"sparse_rate": 1.5}`, Field: "sparse_rate"}, {Change: `{"regularization_alpha": -1}`, Field: "regularization_alpha"},
					{Change: `{"frod_dropout": 1}`, Field: "frod_dropout"}, {Change: `{"bias": "lora_only"}`, Field: "bias"},
				},
			})
		})
	}
}
