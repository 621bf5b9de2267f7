package gopeft_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// A training loop of one's own: a loss that keeps the adapter near the bare backbone while it learns the labels, an optimiser,
// and every step one compiled program. For all that goes with a run (evaluation, checkpoints, resuming) train.Trainer takes
// such a loss too: see train.LossFunc.
func Example_trainingLoop() {
	if err := loop(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the loss fell: true
	// published: true
}

func loop() error {
	ctx := context.Background()
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		return err
	}
	adapted, err := peft.Attach(backbone, "mine", &lora.Config{
		R: 4, Dropout: 0.1, Targets: peft.Match("query", "value"), Common: peft.Common{TaskType: "SEQ_CLS"},
	})
	if err != nil {
		return err
	}
	sel := peft.Use("mine")
	params, err := adapted.Trainable(sel)
	if err != nil {
		return err
	}
	var variables []optim.Variable
	var values []*peft.Tensor
	for _, p := range params {
		variables = append(variables, optim.Variable{Path: p.TrainKey(), Shape: p.Value.Shape()})
		values = append(values, p.Value)
	}
	opt := optim.AdamW{LR: 2e-2}
	updater, err := optim.Build(opt.Transform(), variables)
	if err != nil {
		return err
	}
	step := peft.Program{Key: "a step of distillation", Training: true, Build: func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
		out, bare := c.Forward(in), c.Bare(in)
		apart := graph.ReduceAllMean(graph.Square(graph.Sub(out["logits"], bare["logits"])))
		loss := graph.Add(out["loss"], graph.MulScalar(apart, 0.1))
		scalars, state := extra[0], extra[1:]
		next, state, _ := updater.Apply(c.Trainable(), c.Gradients(loss), state, scalars)
		return append(append(next, state...), loss)
	}}

	var state []*peft.Tensor
	for _, slot := range updater.Slots() {
		state = append(state, tensors.FromShape(slot.Shape)) // AdamW's are 0 at first: see Slot.Fill
	}
	random := peft.RandomState(1)
	in := peft.Tensors{
		"input_ids": tensors.FromValue([][]int32{{7, 8, 9}, {9, 8, 7}, {10, 11, 12}, {12, 11, 10}}),
		"labels":    tensors.FromValue([]int32{0, 1, 0, 1}),
	}
	var first, last float32
	for i := 1; i <= 40; i++ {
		scalars, err := updater.Scalars(i, opt.Rate())
		if err != nil {
			return err
		}
		// The random state of dropout goes in behind what the program reads, and comes out behind what it makes.
		extra := append(append([]*peft.Tensor{tensors.FromValue(scalars)}, state...), random)
		out, err := adapted.Run(ctx, step, sel, in, extra, values)
		if err != nil {
			return err
		}
		values, state = out[:len(values)], out[len(values):len(values)+len(state)]
		last, random = tensors.ToScalar[float32](out[len(out)-2]), out[len(out)-1]
		if i == 1 {
			first = last
		}
	}
	fmt.Println("the loss fell:", last < first/2)

	adapter, err := adapted.Adapter("mine")
	if err != nil {
		return err
	}
	if err := adapter.Publish(values); err != nil { // calls see the old values up to here
		return err
	}
	out, err := adapted.Forward(ctx, sel, in)
	if err != nil {
		return err
	}
	fmt.Println("published:", tensors.ToScalar[float32](out["loss"]) < first)
	return nil
}
