package peft_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/lora/adalora"
	"github.com/gopeft/gopeft/peft"
)

// A start from data: EVA looks at what goes into the targets and gives most ranks to those whose inputs need them. Batches of a
// source of package data come by data.Take.
func ExampleCalibrate() {
	batches := func(yield func(peft.Tensors, error) bool) {
		for range 3 {
			if !yield(tokens(), nil) {
				return
			}
		}
	}
	cfg := &lora.Config{R: 2, Init: lora.EVAStart, Targets: peft.Match("query", "output.dense")}
	adapted := must(peft.Attach(sample(), "intents", cfg, peft.Calibrate(context.Background(), batches)))
	ranks := 0
	for _, p := range must(adapted.Adapter("intents")).Params() {
		if p.Name == "lora_A.weight" {
			ranks += p.Shape[0]
		}
	}
	fmt.Println("ranks of all targets:", ranks)
	_, err := peft.Attach(sample(), "intents", cfg)
	fmt.Println(err)
	// Output:
	// ranks of all targets: 6
	// attach "intents": init_lora_weights: needs data for the first values: give Attach the option peft.Calibrate
}

// A training loop of one's own with a method that changes its values between steps: here AdaLoRA, which has to get from three
// ranks for each target to one.
func ExampleAdapter_Stepping() {
	const steps = 6
	ctx, sel := context.Background(), peft.Use("intents")
	adapted := must(peft.Attach(sample(), "intents", &adalora.Config{
		InitR: 3, TargetR: 1, TInit: 1, TFinal: 2, TotalStep: steps, Targets: peft.Match("query", "value"),
	}))
	adapter := must(adapted.Adapter("intents"))
	stepping := adapter.Stepping(steps) // nil for most methods, whose After gives the values back
	in := tokens()
	in["labels"] = tensors.FromValue([]int32{0, 1})
	for step := 1; step <= steps; step++ {
		_, grads, err := adapted.Gradients(ctx, sel, in)
		if err != nil {
			panic(err)
		}
		var values []*peft.Tensor
		for i, p := range must(adapted.Trainable(sel)) { // a step of gradient descent
			flat, grad := tensors.MustCopyFlatData[float32](p.Value), tensors.MustCopyFlatData[float32](grads[i])
			for k := range flat {
				flat[k] -= 0.1 * grad[k]
			}
			values = append(values, tensors.FromFlatDataAndDimensions(flat, p.Shape...))
		}
		if values, err = stepping.After(step, values, grads); err != nil {
			panic(err)
		}
		if err := adapter.Publish(values); err != nil {
			panic(err)
		}
	}
	left, of := 0, 0
	for _, p := range must(adapted.Trainable(sel)) {
		if p.Name == "lora_E" {
			for _, e := range tensors.MustCopyFlatData[float32](p.Value) {
				if of++; e != 0 {
					left++
				}
			}
		}
	}
	fmt.Printf("%d of %d ranks are left\n", left, of)
	// Output:
	// 2 of 6 ranks are left
}
