package peft_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// A program of your own computes on from the forward pass, and is compiled with it. This one has a loss of its own, with
// a weight for each row of the batch as an extra input, and the gradients of that loss.
func ExampleAdapted_Run() {
	ctx := context.Background()
	adapted := must(peft.Attach(sample(), "intents", &lora.Config{R: 2}))
	weighted := peft.Program{
		Key: "weighted loss",
		Build: func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
			logits := c.Forward(in)["logits"]
			squares := graph.ReduceSum(graph.Square(graph.AddScalar(logits, -1)), -1) // one number a row
			loss := graph.ReduceAllSum(graph.Mul(squares, extra[0]))
			return append([]*seam.Node{loss}, c.Gradients(loss)...)
		},
	}
	for _, weights := range [][]float32{{1, 0}, {1, 2}} { // another input, the same compiled program
		out := must(adapted.Run(ctx, weighted, adapted.All(), tokens(), []*peft.Tensor{tensors.FromValue(weights)}, nil))
		fmt.Printf("loss %.2f and %d gradients\n", out[0].Value(), len(out)-1)
	}
	fmt.Println(len(must(adapted.Trainable(adapted.All()))), "values train")
	// Output:
	// loss 1.99 and 4 gradients
	// loss 5.97 and 4 gradients
	// 4 values train
}

// A service takes over an adapter that was trained anew, without a pause: calls that run finish with the old one.
func ExampleAdapted_Replace() {
	dir := filepath.Join(must(os.MkdirTemp("", "")), "trained-anew")
	defer os.RemoveAll(filepath.Dir(dir))
	backbone := sample()
	anew := must(peft.Attach(backbone, "intents", &lora.Config{R: 4, Init: lora.Random}))
	if err := anew.Save(dir); err != nil {
		log.Fatal(err)
	}

	serving := must(peft.Attach(backbone, "intents", &lora.Config{R: 2}))
	fmt.Println("the same answers before:", same(serving, anew))
	must(serving.Replace("intents", dir))
	fmt.Println("and after:", same(serving, anew))
	// Output:
	// the same answers before: false
	// and after: true
}
