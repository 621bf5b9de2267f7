package deft_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/deft"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant of DEFT under every law. On the tiny network r directions of query and value, both 8 to 8, have 2 r (8 + 8)
// values, and 2 r 8 with PaRa.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `"r": 2`, 2 * 2 * 16},
		{"scaled, dropout, biases", `"r": 2, "alpha": 3, "deft_dropout": 0.1, "bias": "deft_only"`, 2*2*16 + 2*8},
		{"random", `"r": 2, "init_weights": false, "init_scale": 0.5`, 2 * 2 * 16},
		{"para", `"r": 2, "para": true`, 2 * 2 * 8},
		{"qr", `"r": 2, "decomposition_method": "qr"`, 2 * 2 * 16},
		{"para by qr", `"r": 3, "decomposition_method": "qr", "para": true`, 2 * 3 * 8},
		{"more directions than outputs", `"r": 9`, 2 * 8 * 16},
	} {
		c := pefttest.Case{
			Name: "DEFT, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "DEFT", "target_modules": ["query", "value"], %s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"alpha": -1}`, Field: "alpha"},
				{Change: `{"init_scale": -1}`, Field: "init_scale"},
				{Change: `{"deft_dropout": 1}`, Field: "deft_dropout"},
				{Change: `{"decomposition_method": "svd"}`, Field: "decomposition_method"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

func TestBadSites(t *testing.T) {
	backbone, err := pefttest.Tiny()
	require.NoError(t, err)
	_, err = peft.Attach(backbone, "a", &deft.Config{Targets: peft.Match("word_embeddings")})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "bert.embeddings.word_embeddings, a embedding")
}
