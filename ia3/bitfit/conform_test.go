package bitfit_test

import (
	"fmt"
	"testing"

	_ "github.com/gopeft/gopeft/ia3/bitfit"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// The tiny network has biases at query, value, attention's output, the block's output and both norms (8 each), at the
// intermediate map (12) and the classifier (3); its key and embeddings have none. Of the convolutions signal, grouped and the
// norm have 8, image 6, the classifier 3.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
		backbone       func() (*peft.Backbone, error)
	}{
		{"plain", ``, 6*8 + 12 + 3, nil},
		{"targets", `, "target_modules": ["query", "LayerNorm"]`, 3 * 8, nil},
		{"part of the model", `, "target_modules": ["attention"]`, 4 * 8, nil},
		{"all-linear", `, "target_modules": "all-linear"`, 4*8 + 12 + 3, nil},
		{"pattern, excluded", `, "target_modules": ".*layer.*", "exclude_modules": ["LayerNorm", "query"]`, 3*8 + 12, nil},
		{"layers", `, "layers_to_transform": [0], "layers_pattern": "layer"`, 6*8 + 12, nil},
		{"head saved", `, "task_type": "SEQ_CLS"`, 6*8 + 12 + 27, nil},
		{"convolutions", ``, 3*8 + 6 + 3, pefttest.Convolved},
	} {
		c := pefttest.Case{
			Name: "BITFIT, " + v.name, JSON: fmt.Sprintf(`{"peft_type": "BITFIT"%s}`, v.settings), Trainable: v.trainable, Backbone: v.backbone,
		}
		if v.name == "plain" {
			c.Bad = bad
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

var bad = []pefttest.Bad{
	{Change: `{"target_modules": ["key"]}`, Field: "target_modules"}, // has no bias
	{Change: `{"target_modules": ["query", "word_embeddings"]}`, Field: "target_modules"},
	{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
	{Change: `{"target_modules": ".*key"}`, Field: "target_modules"},
	{Change: `{"target_modules": "("}`, Field: "target_modules"},
	{Change: `{"target_modules": []}`, Field: "target_modules"},
	{Change: `{"exclude_modules": ["qeury"]}`, Field: "exclude_modules"},
	{Change: `{"exclude_modules": "("}`, Field: "exclude_modules"},
	{Change: `{"exclude_modules": ".*"}`, Field: "target_modules"},
	{Change: `{"layers_to_transform": 5}`, Field: "target_modules"},
	{Change: `{"layers_pattern": "layer"}`, Field: "layers_pattern"},
	{Change: `{"layers_pattern": "(", "layers_to_transform": 0}`, Field: "layers_pattern"},
	{Change: `{"layers_to_transform": 0, "target_modules": ".*query"}`, Field: "layers_to_transform"},
	{Change: `{"modules_to_save": ["clasifier"]}`, Field: "modules_to_save"},
	{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
}
