package delora_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora/delora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant of DeLoRA under every law. On the tiny network a rank r on query and value, both 8 to 8, trains
// 2 (r (8 + 8) + 1) values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `"delora_lambda": 2`, 2 * (2*16 + 1)},
		{"patterns, dropout", `"rank_pattern": {"value": 1}, "lambda_pattern": {"query": 1}, "module_dropout": 0.1`, 2*16 + 1 + 16 + 1},
		{"random, biases", `"init_weights": false, "delora_lambda": 1, "bias": "delora_only"`, 2*(2*16+1) + 2*8},
	} {
		c := pefttest.Case{
			Name: "DELORA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "DELORA", "r": 2, "target_modules": ["query", "value"], %s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"delora_lambda": -1}`, Field: "delora_lambda"},
				{Change: `{"module_dropout": 1}`, Field: "module_dropout"},
				{Change: `{"rank_pattern": {"query": 0}}`, Field: "rank_pattern"},
				{Change: `{"lambda_pattern": {"query": -2}}`, Field: "lambda_pattern"},
				{Change: `{"lambda_pattern": {"qeury": 2}}`, Field: "lambda_pattern"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

func TestBadSites(t *testing.T) {
	backbone, err := pefttest.Tiny()
	require.NoError(t, err)
	_, err = peft.Attach(backbone, "a", &delora.Config{Targets: peft.Match("word_embeddings")})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "bert.embeddings.word_embeddings, a embedding")
}
