package tinylora_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/tinylora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant under every law: u values train in each group of targets.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 3 * 5},
		{"tied by halves, drawn again", `, "weight_tying": 0.5, "save_projection": false, "projection_seed": 0`, 2 * 5},
		{"all tied, uniform, dropout", `, "weight_tying": 1, "init_weights": "uniform", "init_v_bound": 0.3, "tinylora_dropout": 0.1`, 5},
		{"rank beyond the weights, biases", `, "r": 20, "u": 3, "bias": "tinylora_only"`, 3*3 + 2*8},
	} {
		c := pefttest.Case{
			Name: "TINYLORA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "TINYLORA", "target_modules": ["word_embeddings", "query", "layer.0.output.dense"]%s}`, sizes(v.settings)),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"u": -1}`, Field: "u"},
				{Change: `{"weight_tying": 1.5}`, Field: "weight_tying"},
				{Change: `{"weight_tying": -0.5}`, Field: "weight_tying"},
				{Change: `{"init_weights": "normal"}`, Field: "init_weights"},
				{Change: `{"init_v_bound": -1}`, Field: "init_v_bound"},
				{Change: `{"tinylora_dropout": 1}`, Field: "tinylora_dropout"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

// sizes gives 5 values a group where a case names no other number.
func sizes(settings string) string {
	if settings == `, "r": 20, "u": 3, "bias": "tinylora_only"` {
		return settings
	}
	return settings + `, "u": 5`
}

// A and B are the weight's own largest directions: with all of them B A is the weight.
func TestFactorsAreTheWeights(t *testing.T) {
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &tinylora.Config{R: 8, Targets: peft.Match("query")})
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	const site = "bert.encoder.layer.0.attention.self.query"
	values := ad.Values()
	first := values["base_model.model."+site+".tinylora_A"].Value().([][]float32)
	second := values["base_model.model."+site+".tinylora_B"].Value().([][]float32)
	var want [][]float32
	for path, v := range b.Values() {
		if path == site+".weight" {
			want = v.Value().([][]float32)
		}
	}
	for i := range 8 {
		for j := range 8 {
			sum := float32(0)
			for k := range 8 {
				sum += second[i][k] * first[k][j]
			}
			require.InDelta(t, want[i][j], sum, 1e-5)
		}
	}
}
