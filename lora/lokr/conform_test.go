package lokr_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/lokr"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant of LoKr under every law. On the tiny network query and value are 8 to 8, of which -1 makes 2 · 4 on both sides.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"second decomposed", `"r": 1`, 2 * (2*2 + 4 + 4)},
		{"whole factors", `"r": 2, "init_weights": "lycoris"`, 2 * (2*2 + 4*4)},
		{"first decomposed", `"r": 1, "decompose_both": true, "decompose_factor": 8`, 2 * (8 + 8 + 1)},
		{"patterns, random", `"r": 1, "rank_pattern": {"value": 2}, "alpha_pattern": {"query": 1}, "init_weights": false`, 2*2 + 4 + 4 + 2*2 + 4*4},
		{"dropouts", `"r": 1, "rank_dropout": 0.2, "module_dropout": 0.1`, 2 * (2*2 + 4 + 4)},
		{"scaled dropout", `"r": 1, "rank_dropout": 0.2, "rank_dropout_scale": true`, 2 * (2*2 + 4 + 4)},
	} {
		c := pefttest.Case{
			Name: "LOKR, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "LOKR", "target_modules": ["query", "value"], %s}`, v.settings),
		}
		if v.name == "second decomposed" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"alpha": -1}`, Field: "alpha"},
				{Change: `{"rank_dropout": 1}`, Field: "rank_dropout"},
				{Change: `{"module_dropout": -0.5}`, Field: "module_dropout"},
				{Change: `{"decompose_factor": -2}`, Field: "decompose_factor"},
				{Change: `{"rank_pattern": {"query": 0}}`, Field: "rank_pattern"},
				{Change: `{"rank_pattern": {"qeury": 1}}`, Field: "rank_pattern"},
				{Change: `{"alpha_pattern": {"query": -1}}`, Field: "alpha_pattern"},
				{Change: `{"init_weights": "gaussian"}`, Field: "init_weights"},
				{Change: `{"init_weights": 3}`, Field: "init_weights"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

// Convolutions: of signal, 8 to 8 of 3 points, of image, 4 to 6 of 6 points, and of grouped, 4 to 8 of 3 points.
func TestConvolutions(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"long part", `"r": 1, "target_modules": ["signal", "image"]`, 2*2 + 4 + 4*3 + 2*2 + 3 + 2*6},
		{"core", `"r": 1, "use_effective_conv2d": true, "target_modules": ["signal", "image"]`, 2*2 + 4 + 4 + 3 + 2*2 + 3 + 2 + 6},
		{"whole", `"r": 2, "target_modules": ["signal", "grouped"]`, 2*2 + 4*4*3 + 2*2 + 4*2*3},
	} {
		c := pefttest.Case{
			Name: "LOKR, convolutions, " + v.name, Backbone: pefttest.Convolved, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "LOKR", %s}`, v.settings),
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

func TestBadSites(t *testing.T) {
	backbone, err := pefttest.Tiny()
	require.NoError(t, err)
	_, err = peft.Attach(backbone, "a", &lokr.Config{Targets: peft.Match("word_embeddings")})
	require.True(t, errors.Is(err, peft.ErrUnsupported), "%v", err)
	require.ErrorContains(t, err, "bert.embeddings.word_embeddings, a embedding")
}
