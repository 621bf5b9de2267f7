package peanut_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/peanut"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant of PEANuT under every law, on value, 8 to 8, and intermediate, 8 to 12: A and B have 2 r out values, each
// further layer r². (Not query: its gradient is so short there that a weight which crosses relu's kink shows in the difference.)
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `"r": 3`, 2*3*8 + 2*3*12},
		{"deep", `"r": 3, "depth": 2, "act_fn": "gelu", "scaling": 0.5`, 2*3*8 + 2*3*12 + 2*4*9},
		{"random", `"r": 2, "depth": 1, "act_fn": "tanh", "init_weights": false`, 2*2*8 + 2*2*12 + 2*2*4},
	} {
		c := pefttest.Case{
			Name: "PEANUT, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "PEANUT", "target_modules": ["value", "intermediate.dense"], %s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"depth": -1}`, Field: "depth"},
				{Change: `{"act_fn": "rleu"}`, Field: "act_fn"},
				{Change: `{"scaling": "1"}`, Field: "scaling"},
				{Change: `{"layers_pattern": "layer"}`, Field: "layers_pattern"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

func TestBadSites(t *testing.T) {
	backbone, err := pefttest.Tiny()
	require.NoError(t, err)
	_, err = peft.Attach(backbone, "a", &peanut.Config{Targets: peft.Match("word_embeddings")})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "bert.embeddings.word_embeddings, a embedding")
}
