package peft_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
)

// tiny is a folder with a BERT of two layers, and one with an adapter for it.
const (
	tiny        = "../internal/pefttest/testdata/fixtures/bases/bert_seqcls"
	tinyAdapter = "../internal/pefttest/testdata/fixtures/cases/bert_seqcls/lora"
	tinyOther   = "../internal/pefttest/testdata/fixtures/cases/bert_seqcls/lora-regex"
)

// One batch is served by several adapters, each row by its own; "" is the bare backbone.
func ExampleRows() {
	backbone, err := models.Load(tiny)
	if err != nil {
		log.Fatal(err)
	}
	adapted := peft.New(backbone)
	for name, dir := range map[string]string{"intents": tinyAdapter, "moods": tinyOther} {
		if _, err := adapted.LoadAs(name, dir); err != nil {
			log.Fatal(err)
		}
	}
	batch := peft.Tensors{"input_ids": tensors.FromValue([][]int64{{7, 8, 9}, {7, 8, 9}, {7, 8, 9}})}
	out, err := adapted.Forward(context.Background(), peft.Rows("intents", "", "moods").Among("intents", "moods"), batch)
	if err != nil {
		log.Fatal(err)
	}
	for _, row := range out["logits"].Value().([][]float32) {
		fmt.Printf("%.3f\n", row)
	}
	// Output:
	// [0.170 0.339 -0.203]
	// [0.183 -0.333 -0.079]
	// [0.199 -0.241 -0.144]
}

// A composition says how adapters act together; it can be read from a flag.
func ExampleParseSelection() {
	sel, err := peft.ParseSelection("stack(intents, average(moods:0.3, topics:0.7))")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sel)
	_, err = peft.ParseSelection("average(moods, topics)")
	fmt.Println(err)
	// Output:
	// stack(intents,average(moods:0.3,topics:0.7))
	// adapter: composition "average(moods, topics)", at 14: want a weight, as in average(a:0.3,b:0.7)
}
