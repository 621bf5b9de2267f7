package poly_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora/poly"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// One adapter serves three tasks. Each row of a batch says which task it is of.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertModel"],
		"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`))
	if err != nil {
		log.Fatal(err)
	}
	adapted, err := peft.Attach(backbone, "tasks", &poly.Config{R: 2, Tasks: 3, Skills: 4, Targets: peft.Match("query", "value")})
	if err != nil {
		log.Fatal(err)
	}
	in := peft.Tensors{
		"input_ids": tensors.FromValue([][]int32{{7, 8, 9}, {17, 18, 19}}),
		"task_ids":  tensors.FromValue([]int32{2, 0}),
	}
	out, err := adapted.Forward(context.Background(), peft.Use("tasks"), in)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out["last_hidden_state"].Shape().Dimensions)

	in["task_ids"] = tensors.FromValue([]int32{3, 0})
	_, err = adapted.Forward(context.Background(), peft.Use("tasks"), in)
	fmt.Println(err)
	// Output:
	// [2 3 16]
	// adapter "tasks": task_ids: row 0 is of task 3, but the adapter has tasks 0..2 (n_tasks)
}
