package norm_test

import (
	"fmt"
	"testing"

	_ "github.com/gopeft/gopeft/ia3/norm"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// On the tiny network each of the two norms has 8 + 8 values, query and value have 8 8 + 8, key 8 8, words 11 8; on the
// convolutions the batch norm has 8 + 8 that train.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
		backbone       func() (*peft.Backbone, error)
	}{
		{"plain", `"target_modules": ["LayerNorm"]`, 2 * 16, nil},
		{"pattern", `"target_modules": ".*\\.output\\.LayerNorm", "exclude_modules": ".*attention.*"`, 16, nil},
		{"excluded", `"target_modules": ["LayerNorm"], "exclude_modules": ["attention.output.LayerNorm"]`, 16, nil},
		{"head saved", `"target_modules": ["LayerNorm"], "task_type": "SEQ_CLS"`, 2*16 + 27, nil},
		{"one saved", `"target_modules": ["LayerNorm"], "modules_to_save": ["attention.output.LayerNorm"]`, 2 * 16, nil},
		{"other modules", `"target_modules": ["LayerNorm", "query", "key", "word_embeddings"]`, 2*16 + 72 + 64 + 88, nil},
		{"batch norm", `"target_modules": ["norm"]`, 16, pefttest.Convolved},
		{"convolutions", `"target_modules": ["norm", "signal", "volume"]`, 16 + 8*8*3 + 8 + 4*6*4, pefttest.Convolved},
	} {
		c := pefttest.Case{
			Name: "LN_TUNING, " + v.name, JSON: fmt.Sprintf(`{"peft_type": "LN_TUNING", %s}`, v.settings), Trainable: v.trainable,
			Backbone: v.backbone,
		}
		if v.name == "plain" {
			c.Bad = bad
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

var bad = []pefttest.Bad{
	{Change: `{"target_modules": null}`, Field: "target_modules"}, // HF PEFT has no default for BERT
	{Change: `{"target_modules": ["LayerNrom"]}`, Field: "target_modules"},
	{Change: `{"target_modules": ["layer.0"]}`, Field: "target_modules"},
	{Change: `{"target_modules": "("}`, Field: "target_modules"},
	{Change: `{"target_modules": []}`, Field: "target_modules"},
	{Change: `{"exclude_modules": ["LayerNrom"]}`, Field: "exclude_modules"},
	{Change: `{"exclude_modules": ["LayerNorm"]}`, Field: "target_modules"},
	{Change: `{"modules_to_save": ["clasifier"]}`, Field: "modules_to_save"},
	{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
}
