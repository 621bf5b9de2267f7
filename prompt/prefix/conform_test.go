package prefix_test

import (
	"fmt"
	"testing"

	"github.com/gopeft/gopeft/peft/pefttest"
	_ "github.com/gopeft/gopeft/prompt/prefix"
)

// On the tiny network, 1 layer of width 8, n virtual tokens have 2 · 8 n values; a projection of inner width h trains
// n embeddings of 8, 8 h + h and 16 h + 16.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 3 * 16},
		{"zero", `, "init_weights": "zero"`, 3 * 16},
		{"projected", `, "prefix_projection": true`, 3*8 + 9*8 + 9*16},
		{"projected, 5 wide", `, "prefix_projection": true, "encoder_hidden_size": 5`, 3*8 + 9*5 + 6*16},
		{"projected, zero", `, "prefix_projection": true, "init_weights": "zero"`, 3*8 + 9*8 + 9*16},
		{"head saved", `, "task_type": "SEQ_CLS"`, 3*16 + 27},
		{"projected, head saved", `, "prefix_projection": true, "task_type": "SEQ_CLS"`, 3*8 + 9*8 + 9*16 + 27},
		{"types dropped", `, "task_type": "FEATURE_EXTRACTION"`, 3 * 16},
		{"spelt out", `, "token_dim": 8, "num_attention_heads": 2, "num_layers": 1, "num_transformer_submodules": 1`, 3 * 16},
	} {
		c := pefttest.Case{
			Name: "PREFIX_TUNING, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "PREFIX_TUNING", "num_virtual_tokens": 3%s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = bad
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

var bad = []pefttest.Bad{
	{Change: `{"num_virtual_tokens": null}`, Field: "num_virtual_tokens"},
	{Change: `{"num_virtual_tokens": -1}`, Field: "num_virtual_tokens"},
	{Change: `{"num_virtual_tokens": "3"}`, Field: "num_virtual_tokens"},
	{Change: `{"token_dim": 16}`, Field: "token_dim"},
	{Change: `{"num_attention_heads": 4}`, Field: "num_attention_heads"},
	{Change: `{"num_layers": 2}`, Field: "num_layers"},
	{Change: `{"num_transformer_submodules": 2}`, Field: "num_transformer_submodules"},
	{Change: `{"encoder_hidden_size": -4}`, Field: "encoder_hidden_size"},
	{Change: `{"init_weights": "ones"}`, Field: "init_weights"},
	{Change: `{"prefix_projection": null}`, Field: "prefix_projection"},
	{Change: `{"modules_to_save": ["clasifier"]}`, Field: "modules_to_save"},
	{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
}
