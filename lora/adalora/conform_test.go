package adalora_test

import (
	"fmt"
	"testing"

	_ "github.com/gopeft/gopeft/lora/adalora"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// bad settings, each with the key that the error names.
var bad = []pefttest.Bad{
	{Change: `{"total_step": null}`, Field: "total_step"},
	{Change: `{"total_step": 6}`, Field: "tinit"},
	{Change: `{"init_r": -1}`, Field: "init_r"},
	{Change: `{"target_r": 4}`, Field: "target_r"},
	{Change: `{"target_r": -2}`, Field: "target_r"},
	{Change: `{"deltaT": -1}`, Field: "deltaT"},
	{Change: `{"tfinal": -1}`, Field: "tfinal"},
	{Change: `{"beta1": 1}`, Field: "beta1"},
	{Change: `{"beta2": -0.5}`, Field: "beta2"},
	{Change: `{"orth_reg_weight": -1}`, Field: "orth_reg_weight"},
	{Change: `{"lora_dropout": 1}`, Field: "lora_dropout"},
	{Change: `{"bias": "some"}`, Field: "bias"},
	{Change: `{"use_dora": true}`, Field: "use_dora"},
	{Change: `{"rank_pattern": {"query": [true]}}`, Field: "rank_pattern"},
	{Change: `{"rank_pattern": {"query": 3}}`, Field: "rank_pattern"},
	{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
}

// Variants under every law. On the tiny network a rank of 3 on query and value, both 8 to 8, trains 3 (8 + 8 + 1) values each.
func TestConformance(t *testing.T) {
	const each = 3 * (8 + 8 + 1)
	for i, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 2 * each},
		{"with its term", `, "task_type": "SEQ_CLS"`, 2*each + 3*8 + 3},
		{"dropout, biases", `, "lora_dropout": 0.1, "bias": "lora_only", "lora_alpha": -1`, 2*each + 2*8},
		{"random", `, "init_lora_weights": false`, 2 * each},
		{"cut", `, "rank_pattern": {"bert.encoder.layer.0.attention.self.query.lora_E": [false, true, false]}`, each + each/3},
	} {
		c := pefttest.Case{
			Name: "ADALORA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "ADALORA", "init_r": 3, "target_r": 2, "tinit": 4, "tfinal": 2, "total_step": 30,
				"target_modules": ["query", "value"]%s}`, v.settings),
		}
		if i == 0 {
			c.Bad = bad
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

// Convolutions under every law, a grouped one among them.
func TestConvolutions(t *testing.T) {
	for _, v := range []struct {
		name, targets string
		trainable     int
	}{
		{"three", `["signal", "image", "volume"]`, 2*(8*3+8+1) + 2*(4*6+6+1) + 2*(6*4+4+1)},
		{"grouped", `["grouped"]`, 0},
	} {
		c := pefttest.Case{
			Name: "ADALORA, " + v.name, Trainable: v.trainable, Backbone: pefttest.Convolved,
			JSON: fmt.Sprintf(`{"peft_type": "ADALORA", "init_r": 2, "target_r": 1, "total_step": 30, "target_modules": %s}`, v.targets),
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}
