package ia3_test

import (
	"fmt"
	"testing"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// On the tiny network a factor for each output of query, key and value is 8, for each input of the two output.dense 8 and 12,
// for each output of intermediate.dense 12. Of the convolutions signal and grouped have 8 channels in and out, image 4 in and 6
// out, volume 6 in and 4 out.
func TestConformance(t *testing.T) {
	convolutions := `"target_modules": ["signal", "image", "volume", "grouped"]`
	for _, v := range []struct {
		name, settings string
		trainable      int
		backbone       func() (*peft.Backbone, error)
	}{
		{"plain", `"target_modules": ["query", "output.dense"], "feedforward_modules": ["output.dense"]`, 8 + 8 + 12, nil},
		{"defaults", `"task_type": "SEQ_CLS"`, 8 + 8 + 8 + 12 + 27, nil},
		{"outputs only", `"target_modules": ["value", "intermediate.dense"], "feedforward_modules": []`, 8 + 12, nil},
		{"default that is no target", `"target_modules": ["value", "dense"]`, 8 + 8 + 12 + 12, nil},
		{"patterns", `"target_modules": ".*dense", "feedforward_modules": ".*output\\.dense", "exclude_modules": ["intermediate.dense"]`, 8 + 12, nil},
		{"end of a name", `"target_modules": ["query", "key"], "feedforward_modules": "(.*)key"`, 8 + 8, nil},
		{"all-linear", `"target_modules": "all-linear", "feedforward_modules": ["output.dense"]`, 3*8 + 12 + 8 + 12 + 3, nil},
		{"drawn", `"target_modules": ["value", "output.dense"], "init_ia3_weights": false`, 8 + 8 + 12, nil},
		{"convolutions", convolutions, 8 + 6 + 4 + 8, pefttest.Convolved},
		{"inputs of convolutions", convolutions + `, "feedforward_modules": ["image", "volume", "grouped"]`, 8 + 4 + 6 + 8, pefttest.Convolved},
	} {
		c := pefttest.Case{
			Name: "IA3, " + v.name, JSON: fmt.Sprintf(`{"peft_type": "IA3", %s}`, v.settings), Trainable: v.trainable, Backbone: v.backbone,
		}
		if v.name == "plain" {
			c.Bad = bad
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

var bad = []pefttest.Bad{
	{Change: `{"target_modules": ["qeury"], "feedforward_modules": null}`, Field: "target_modules"},
	{Change: `{"target_modules": ["query", "word_embeddings"], "feedforward_modules": null}`, Field: "an"}, // embeddings have no channels to scale
	{Change: `{"target_modules": "("}`, Field: "target_modules"},
	{Change: `{"exclude_modules": ["qeury"]}`, Field: "exclude_modules"},
	{Change: `{"exclude_modules": ["output.dense"]}`, Field: "feedforward_modules"},
	{Change: `{"feedforward_modules": ["key"]}`, Field: "feedforward_modules"},
	{Change: `{"feedforward_modules": ["dense"]}`, Field: "feedforward_modules"},
	{Change: `{"target_modules": ".*query"}`, Field: "feedforward_modules"},
	{Change: `{"feedforward_modules": "dense"}`, Field: "feedforward_modules"},
	{Change: `{"feedforward_modules": "("}`, Field: "feedforward_modules"},
	{Change: `{"modules_to_save": ["clasifier"]}`, Field: "modules_to_save"},
	{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
}
