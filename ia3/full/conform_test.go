package full_test

import (
	"fmt"
	"testing"

	_ "github.com/gopeft/gopeft/ia3/full"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every value of the tiny networks: maps have out in + out, without a bias out in, norms 2 8, embeddings 11 8 and 48 8.
func TestConformance(t *testing.T) {
	const (
		embeddings = 11*8 + 48*8
		attention  = 3*(8*8+8) + 8*8 + 16
		forward    = 12*8 + 12 + 8*12 + 8 + 16
		head       = 3*8 + 3
		convolved  = 11*8 + 8*8*3 + 8 + 16 + 8*4*3 + 8 + 6*4*6 + 6 + 4*6*4 + 3*4 + 3
	)
	for _, v := range []struct {
		name, settings string
		trainable      int
		backbone       func() (*peft.Backbone, error)
	}{
		{"plain", ``, embeddings + attention + forward + head, nil},
		{"parts", `, "target_modules": ["attention", "classifier.bias"]`, attention + 3, nil},
		{"all-linear", `, "target_modules": "all-linear"`, attention - 16 + forward - 16 + head, nil},
		{"excluded", `, "exclude_modules": ["embeddings", "query"]`, attention + forward + head - 72, nil},
		{"layers", `, "layers_to_transform": 0`, attention + forward, nil},
		{"head saved", `, "task_type": "SEQ_CLS", "target_modules": ".*attention.*"`, attention + head, nil},
		{"convolutions", ``, convolved, pefttest.Convolved},
	} {
		c := pefttest.Case{
			Name: "FULL, " + v.name, JSON: fmt.Sprintf(`{"peft_type": "FULL"%s}`, v.settings), Trainable: v.trainable, Backbone: v.backbone,
		}
		if v.name == "plain" {
			c.Bad = bad
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

var bad = []pefttest.Bad{
	{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
	{Change: `{"target_modules": ["query.waight"]}`, Field: "target_modules"},
	{Change: `{"target_modules": "qeury"}`, Field: "target_modules"},
	{Change: `{"target_modules": "("}`, Field: "target_modules"},
	{Change: `{"target_modules": []}`, Field: "target_modules"},
	{Change: `{"exclude_modules": ["qeury"]}`, Field: "exclude_modules"},
	{Change: `{"exclude_modules": ["bert", "classifier"]}`, Field: "target_modules"},
	{Change: `{"modules_to_save": ["bert", "classifier"]}`, Field: "target_modules"},
	{Change: `{"layers_to_transform": [1]}`, Field: "target_modules"},
	{Change: `{"layers_pattern": ["layer"]}`, Field: "layers_pattern"},
	{Change: `{"layers_to_transform": 0, "target_modules": ".*query"}`, Field: "layers_to_transform"},
	{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
}
