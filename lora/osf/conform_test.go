package osf_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/osf"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. With k of 8 singular values a target 8 to 8 trains k (8 + 1 + 8) values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"count, pattern", `"effective_rank": 6, "rank_pattern": {"val": 0.75}`, (2 + 2) * 17},
		{"share", `"effective_rank": 0.5`, (4 + 4) * 17},
		{"random", `"effective_rank": 7, "init_weights": false`, 2 * 17},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "OSF, " + v.name, JSON: `{"peft_type": "OSF", "target_modules": ["query", "value"], ` + v.settings + `}`, Trainable: v.trainable,
				Bad: []pefttest.Bad{
					{Change: `{"effective_rank": 8, "rank_pattern": null}`, Field: "effective_rank"},
					{Change: `{"effective_rank": 2.5}`, Field: "effective_rank"},
					{Change: `{"effective_rank": 0}`, Field: "effective_rank"},
				},
			})
		})
	}
}
