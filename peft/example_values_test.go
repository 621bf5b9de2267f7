package peft_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// A computation around the forward pass, compiled once: how sure the backbone is of its classes, at a temperature that is an
// input and so may change from call to call.
func ExampleProgram() {
	adapted := must(peft.Attach(sample(), "intents", &lora.Config{R: 2}))
	sure := peft.Program{Key: "sureness", Build: func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
		logits := c.Forward(in)["logits"] // [rows, classes]
		return []*seam.Node{graph.ReduceMax(graph.Softmax(graph.Div(logits, extra[0])), -1)}
	}}
	for _, temperature := range []float32{1e-4, 1000} {
		extra := []*peft.Tensor{tensors.FromValue(temperature)}
		out := must(adapted.Run(context.Background(), sure, peft.Use("intents"), tokens(), extra, nil))
		fmt.Printf("%.2f\n", out[0].Value())
	}
	// Output:
	// [1.00 1.00]
	// [0.50 0.50]
}

// Values stand for those that train, without touching the adapter: here all are zero, so that it adds nothing.
func ExampleAdapted_Run_values() {
	ctx := context.Background()
	adapted := must(peft.Attach(sample(), "intents", &lora.Config{R: 2, Init: lora.Random}))
	forward := peft.Program{Key: "logits", Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return []*seam.Node{c.Forward(in)["logits"]}
	}}
	sel := peft.Use("intents")
	var zeros []*peft.Tensor
	for _, p := range must(adapted.Trainable(sel)) {
		zeros = append(zeros, tensors.FromShape(p.Value.Shape()))
	}
	bare := must(adapted.Forward(ctx, peft.Base(), tokens()))["logits"]
	fmt.Println("its own values, like the bare backbone:", must(adapted.Run(ctx, forward, sel, tokens(), nil, nil))[0].InDelta(bare, 1e-6))
	fmt.Println("zeros, like the bare backbone:", must(adapted.Run(ctx, forward, sel, tokens(), nil, zeros))[0].InDelta(bare, 1e-6))
	// Output:
	// its own values, like the bare backbone: false
	// zeros, like the bare backbone: true
}
