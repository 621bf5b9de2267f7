package hira_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/hira"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant of HiRA under every law. On the tiny network a rank r on query and value, both 8 to 8, trains 2 r (8 + 8) values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `"target_modules": ["query", "value"]`, 2 * 2 * 16},
		{"gaussian, pattern, dropout", `"target_modules": ["query", "value"], "init_weights": "gaussian", "rank_pattern": {"value": 1}, "hira_dropout": 0.1`, 2*16 + 16},
		{"embedding", `"target_modules": ["word_embeddings", "query"]`, 2*(11+8) + 2*16},
		{"random", `"target_modules": ["word_embeddings"], "init_weights": false`, 2 * (11 + 8)},
	} {
		c := pefttest.Case{
			Name: "HIRA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "HIRA", "r": 2, %s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": -1}`, Field: "r"},
				{Change: `{"hira_dropout": 1}`, Field: "hira_dropout"},
				{Change: `{"rank_pattern": {"query": 0}}`, Field: "rank_pattern"},
				{Change: `{"rank_pattern": {"qeury": 1}}`, Field: "rank_pattern"},
				{Change: `{"init_weights": "pissa"}`, Field: "init_weights"},
				{Change: `{"layers_pattern": "layer"}`, Field: "layers_pattern"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

// Convolutions: at rank 2 signal trains 2 (8 3 + 8) values, image 2 (4 6 + 6), volume 2 (6 4 + 4).
func TestConvolutions(t *testing.T) {
	pefttest.Conform(t, pefttest.Case{
		Name: "HIRA, convolutions", Backbone: pefttest.Convolved, Trainable: 2*(8*3+8) + 2*(4*6+6) + 2*(6*4+4),
		JSON: `{"peft_type": "HIRA", "r": 2, "target_modules": ["signal", "image", "volume"], "hira_dropout": 0.1}`,
		Bad:  []pefttest.Bad{{Change: `{"target_modules": ["grouped"]}`, Field: "target_modules"}},
	})
}

func TestBadSites(t *testing.T) {
	backbone, err := pefttest.Convolved()
	require.NoError(t, err)
	_, err = peft.Attach(backbone, "a", &hira.Config{Targets: peft.Match("grouped")})
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, "target_modules: a convolution of 2 groups")
	require.ErrorContains(t, err, "grouped: 8 in, 8 out")
}
