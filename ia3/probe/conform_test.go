package probe_test

import (
	"fmt"
	"testing"

	_ "github.com/gopeft/gopeft/ia3/probe"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// The tiny network's head has 3 8 + 3 values, its last norm 8 + 8.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 27},
		{"by task", `, "task_type": "SEQ_CLS"`, 27},
		{"by name", `, "modules_to_save": ["classifier", "layer.0.output.LayerNorm"]`, 27 + 16},
		{"task and name", `, "task_type": "SEQ_CLS", "modules_to_save": ["layer.0.output.LayerNorm"]`, 27 + 16},
		{"another part", `, "task_type": "FEATURE_EXTRACTION", "modules_to_save": ["layer.0.output.LayerNorm"]`, 16},
	} {
		c := pefttest.Case{Name: "LINEAR_PROBE, " + v.name, JSON: fmt.Sprintf(`{"peft_type": "LINEAR_PROBE"%s}`, v.settings), Trainable: v.trainable}
		if v.name == "plain" {
			c.Bad = []pefttest.Bad{
				{Change: `{"task_type": "FEATURE_EXTRACTION"}`, Field: "modules_to_save"},
				{Change: `{"task_type": "CAUSAL_LM"}`, Field: "task_type"},
				{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
				{Change: `{"modules_to_save": ["clasifier"]}`, Field: "modules_to_save"},
			}
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}
