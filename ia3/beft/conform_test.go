package beft_test

import (
	"fmt"
	"testing"

	_ "github.com/gopeft/gopeft/ia3/beft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// On the tiny network each map has 8 outputs but the intermediate one, which has 12, and the classifier's 3.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", `, "target_modules": ["query", "intermediate.dense"]`, 8 + 12},
		{"defaults", `, "task_type": "SEQ_CLS"`, 8 + 27},
		{"pattern", `, "target_modules": ".*dense"`, 8 + 12 + 8},
		{"drawn", `, "init_weights": false`, 8},
	} {
		c := pefttest.Case{Name: "BEFT, " + v.name, JSON: fmt.Sprintf(`{"peft_type": "BEFT"%s}`, v.settings), Trainable: v.trainable}
		if v.name == "plain" {
			c.Bad = bad
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

var bad = []pefttest.Bad{
	{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
	{Change: `{"target_modules": ["word_embeddings"]}`, Field: "an"}, // "an adapter of this type on … is not supported"
	{Change: `{"target_modules": ["LayerNorm"]}`, Field: "an"},
	{Change: `{"target_modules": "("}`, Field: "target_modules"},
	{Change: `{"target_modules": []}`, Field: "target_modules"},
	{Change: `{"modules_to_save": ["clasifier"]}`, Field: "modules_to_save"},
	{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
}
