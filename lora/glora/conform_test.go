package glora_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/glora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every form of GLoRA under every law, on query, 8 to 8 with a bias, and key, 8 to 8 without one.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `"r": 2`, 2*2*2*16 + 2*9 + 2},
		{"vectors", `"config_A_B": "vector", "config_C": "vector", "config_D_E": "vector"`, 2*2*8 + 8 + 2*8},
		{"constants, biases", `"config_A_B": "constant", "config_C": "none", "bias": "glora_only"`, 2*2 + 2 + 8},
		{"biases alone", `"r": 2, "config_A_B": "none", "config_D_E": "none"`, 2 * 9},
		{"weights alone, random", `"r": 2, "config_C": "none", "config_D_E": "none", "init_weights": false`, 2 * 2 * 2 * 16},
		{"random vectors", `"config_A_B": "none", "config_C": "vector", "config_D_E": "constant", "init_weights": false`, 8 + 2},
	} {
		c := pefttest.Case{
			Name: "GLORA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "GLORA", "target_modules": ["query", "key"], %s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"config_A_B": "matrix"}`, Field: "config_A_B"},
				{Change: `{"config_C": "constant"}`, Field: "config_C"},
				{Change: `{"config_D_E": "lora"}`, Field: "config_D_E"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
				{Change: `{"config_A_B": "none", "target_modules": ["key"]}`, Field: "config_A_B"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

func TestBadSites(t *testing.T) {
	backbone, err := pefttest.Tiny()
	require.NoError(t, err)
	_, err = peft.Attach(backbone, "a", &glora.Config{Targets: peft.Match("word_embeddings")})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "bert.embeddings.word_embeddings, a embedding")
}
