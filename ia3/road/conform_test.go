package road_test

import (
	"fmt"
	"testing"

	_ "github.com/gopeft/gopeft/ia3/road"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// On the tiny network query and key have 8 outputs, the intermediate map 12: for each two there are one, two or four angles,
// and as many lengths.
func TestConformance(t *testing.T) {
	const targets = `"target_modules": ["query", "intermediate.dense"]`
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"road_1", targets + `, "group_size": 4`, 8 + 12},
		{"road_2", targets + `, "group_size": 4, "variant": "road_2"`, 2 * (8 + 12)},
		{"road_4", targets + `, "group_size": 4, "variant": "road_4"`, 4 * (8 + 12)},
		{"pairs", targets + `, "group_size": 2`, 8 + 12},
		{"no bias, head saved", `"target_modules": ["key"], "task_type": "SEQ_CLS", "group_size": 8, "variant": "road_2"`, 16 + 27},
		{"pattern", `"target_modules": ".*dense", "group_size": 4, "variant": "road_4"`, 4 * (8 + 12 + 8)},
		{"drawn", targets + `, "group_size": 4, "init_weights": false`, 8 + 12},
	} {
		c := pefttest.Case{Name: "ROAD, " + v.name, JSON: fmt.Sprintf(`{"peft_type": "ROAD", %s}`, v.settings), Trainable: v.trainable}
		if v.name == "road_1" {
			c.Bad = bad
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

var bad = []pefttest.Bad{
	{Change: `{"group_size": 8}`, Field: "group_size"}, // does not divide 12
	{Change: `{"group_size": 64}`, Field: "group_size"},
	{Change: `{"group_size": 3}`, Field: "group_size"},
	{Change: `{"group_size": 0}`, Field: "group_size"},
	{Change: `{"group_size": -2}`, Field: "group_size"},
	{Change: `{"variant": "road_3"}`, Field: "variant"},
	{Change: `{"variant": ""}`, Field: "variant"},
	{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
	{Change: `{"target_modules": ["word_embeddings"]}`, Field: "an"}, // "an adapter of this type on … is not supported"
	{Change: `{"target_modules": "("}`, Field: "target_modules"},
	{Change: `{"modules_to_save": ["clasifier"]}`, Field: "modules_to_save"},
	{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
}
