package gralora_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/gralora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant of GraLoRA under every law, on query, 8 to 8, and intermediate, 8 to 12: a rank r trains r (in + out) values,
// however many blocks there are.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `"r": 4`, 4 * (16 + 20)},
		{"hybrid, dropout, biases", `"r": 2, "hybrid_r": 3, "alpha": 4, "gralora_dropout": 0.1, "bias": "gralora_only"`, 5*(16+20) + 8 + 12},
		{"four by four, random", `"r": 4, "gralora_k": 4, "init_weights": false, "hybrid_r": 1`, 5 * (16 + 20)},
	} {
		c := pefttest.Case{
			Name: "GRALORA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "GRALORA", "target_modules": ["query", "intermediate.dense"], %s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"r": 3}`, Field: "r"},
				{Change: `{"hybrid_r": -1}`, Field: "hybrid_r"},
				{Change: `{"alpha": -1}`, Field: "alpha"},
				{Change: `{"gralora_k": -2}`, Field: "gralora_k"},
				{Change: `{"r": 3, "gralora_k": 3}`, Field: "gralora_k"},
				{Change: `{"gralora_dropout": 1}`, Field: "gralora_dropout"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

func TestBadSites(t *testing.T) {
	backbone, err := pefttest.Tiny()
	require.NoError(t, err)
	_, err = peft.Attach(backbone, "a", &gralora.Config{R: 8, K: 8, Targets: peft.Match("intermediate.dense")})
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, "gralora_k: 8 does not divide the widths (bert.encoder.layer.0.intermediate.dense: 8 in, 12 out)")
}
