package miss_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/miss"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every form of MiSS under every law, on query, 8 to 8, and intermediate, 8 to 12: the second block of 5 inputs is cut.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `"r": 4, "mini_r": 3`, 4*8 + 4*12},
		{"cut, dropout", `"r": 5, "miss_dropout": 0.1`, 5*8 + 5*12},
		{"random, biases", `"r": 2, "init_weights": false, "bias": "MiSS_only"`, 2*8 + 2*12 + 8 + 12},
		{"bat", `"r": 4, "init_weights": "bat", "miss_dropout": 0.1`, 8*4 + 12*4},
		{"mini", `"r": 3, "mini_r": 2, "init_weights": "mini"`, 2 * 3 * 2},
	} {
		c := pefttest.Case{
			Name: "MISS, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "MISS", "target_modules": ["query", "intermediate.dense"], %s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"r": 9}`, Field: "r"},
				{Change: `{"r": 8, "init_weights": "bat"}`, Field: "r"},
				{Change: `{"mini_r": -1}`, Field: "mini_r"},
				{Change: `{"init_weights": "mini"}`, Field: "mini_r"},
				{Change: `{"miss_dropout": 1}`, Field: "miss_dropout"},
				{Change: `{"bias": "miss_only"}`, Field: "bias"},
				{Change: `{"init_weights": "batt"}`, Field: "init_weights"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

func TestBadSites(t *testing.T) {
	backbone, err := pefttest.Tiny()
	require.NoError(t, err)
	_, err = peft.Attach(backbone, "a", &miss.Config{R: 8, Init: miss.Bat, Targets: peft.Match("intermediate.dense")})
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, `MISS: r: 8 does not divide the widths into blocks, which init_weights "bat" needs (bert.encoder.layer.0.intermediate.dense: 8 in, 12 out)`)
}
