package vblora_test

import (
	"fmt"
	"testing"

	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant under every law, but for the files of top-k weights alone, see TestSavedAlone: what they give is equal up to
// rounding only. On the tiny network query, 8 to 8, and output.dense, 12 to 8, are put together of stretches of
// 4: r (2 + 2) + r (3 + 2) mixtures of h vectors, and a bank of h times 4.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 2*9*5 + 5*4},
		{"three, dropout", `, "topk": 3, "vblora_dropout": 0.1, "num_vectors": 4`, 2*9*4 + 4*4},
		{"biases", `, "bias": "vblora_only"`, 2*9*5 + 5*4 + 16},
	} {
		c := pefttest.Case{
			Name: "VBLORA, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "VBLORA", "r": 2, "target_modules": ["query", "layer.0.output.dense"], "vector_length": 4,
				"init_logits_std": 1%s}`, settings(v.settings)),
		}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"r": 0}`, Field: "r"},
				{Change: `{"vector_length": 3}`, Field: "vector_length"},
				{Change: `{"vector_length": 8}`, Field: "vector_length"},
				{Change: `{"topk": 6}`, Field: "topk"},
				{Change: `{"topk": -1}`, Field: "topk"},
				{Change: `{"num_vectors": -1}`, Field: "num_vectors"},
				{Change: `{"init_logits_std": -1}`, Field: "init_logits_std"},
				{Change: `{"init_vector_bank_bound": -1}`, Field: "init_vector_bank_bound"},
				{Change: `{"vblora_dropout": 1}`, Field: "vblora_dropout"},
				{Change: `{"bias": "lora_only"}`, Field: "bias"},
				{Change: `{"exclude_modules": ["qeury"]}`, Field: "exclude_modules"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

// settings gives a bank of 5 vectors where a case names no other.
func settings(own string) string {
	if own == `, "topk": 3, "vblora_dropout": 0.1, "num_vectors": 4` {
		return own
	}
	return own + `, "num_vectors": 5`
}
