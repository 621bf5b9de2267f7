package vera_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/vera"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant under every law. On the tiny network query, 8 to 8, and output.dense, 12 to 8, train r + 8 values each.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 2 * (3 + 8)},
		{"drawn again, another seed", `, "save_projection": false, "projection_prng_key": 5`, 2 * (3 + 8)},
		{"random, dropout", `, "init_weights": false, "vera_dropout": 0.1`, 2 * (3 + 8)},
		{"bias of targets", `, "bias": "vera_only"`, 2*(3+8) + 2*8},
	} {
		c := pefttest.Case{
			Name: "VERA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "VERA", "r": 3, "target_modules": ["query", "layer.0.output.dense"]%s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"vera_dropout": 1}`, Field: "vera_dropout"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
				{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
				{Change: `{"layers_pattern": "layer"}`, Field: "layers_pattern"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

// The projections are as large as the largest target, and not counted: they are no parameters.
func TestProjectionsAreShared(t *testing.T) {
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &vera.Config{R: 3, Targets: peft.Match("query", "intermediate.dense", "layer.0.output.dense")})
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	shapes := map[string][]int{}
	for _, p := range ad.Params() {
		if p.Site == "" {
			shapes[p.FileKey()] = p.Shape
		}
	}
	require.Equal(t, map[string][]int{"base_model.vera_A": {3, 12}, "base_model.vera_B": {12, 3}}, shapes)
	require.Equal(t, a.NumTrainable(), ad.NumAdded())
}
