package poly_test

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"

	_ "github.com/gopeft/gopeft/lora/poly"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. Each skill is r (in + out) values whatever the splits, and each task has
// splits · skills logits.
func TestConformance(t *testing.T) {
	tasks := func(rows int) peft.Tensors {
		return peft.Tensors{"task_ids": tensors.FromValue([]int32{2, 0, 1, 2}[:rows])}
	}
	for _, v := range []struct {
		name, settings string
		trainable      int
		arguments      func(int) peft.Tensors
	}{
		{"tasks and splits", `"target_modules": ["query", "intermediate.dense", "classifier"], "r": 2, "n_tasks": 3, "n_skills": 3, "n_splits": 1`, 3*2*(16+8+12+8+3) + 3*9, tasks},
		{"splits", `"target_modules": ["query", "value"], "r": 2, "n_tasks": 3, "n_skills": 2, "n_splits": 4`, 2 * (2*2*16 + 3*8), tasks},
		{"one task", `"target_modules": ["query"], "r": 2, "n_skills": 2, "n_splits": 2, "init_weights": false`, 2*2*16 + 4, nil},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "POLY, " + v.name, JSON: `{"peft_type": "POLY", ` + v.settings + `}`, Trainable: v.trainable, Arguments: v.arguments,
				Bad: []pefttest.Bad{
					{Change: `{"r": -1}`, Field: "r"}, {Change: `{"n_skills": -1}`, Field: "n_skills"}, {Change: `{"n_tasks": -1}`, Field: "n_tasks"},
					{Change: `{"n_splits": 3}`, Field: "n_splits"}, {Change: `{"poly_type": "x"}`, Field: "poly_type"},
				},
			})
		})
	}
}
