package tokens_test

import (
	"testing"

	_ "github.com/gopeft/gopeft/lora/tokens"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Variants that the settings make, under every law. A row of the tiny network's embeddings has 8 values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"input embeddings", `"token_indices": [7, 2, 0]`, 3 * 8},
		{"random", `"token_indices": [4], "target_modules": ["word_embeddings"], "init_weights": false`, 8},
	} {
		t.Run(v.name, func(t *testing.T) {
			pefttest.Conform(t, pefttest.Case{
				Name: "TRAINABLE_TOKENS, " + v.name, JSON: `{"peft_type": "TRAINABLE_TOKENS", ` + v.settings + `}`, Trainable: v.trainable,
				Bad: []pefttest.Bad{
					{Change: `{"token_indices": []}`, Field: "token_indices"},
					{Change: `{"token_indices": [99]}`, Field: "token_indices"},
					{Change: `{"token_indices": [1, 1]}`, Field: "token_indices"},
					{Change: `{"target_modules": ["query"]}`, Field: "target_modules"},
				},
			})
		})
	}
}
