package optim_test

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/optim"
)

// A training loop of its own on a toy problem: the loss, its gradient and the step are one compiled program.
func Example() {
	params := []optim.Variable{{Path: "x", Shape: shapes.Make(dtypes.Float32, 2)}}
	opt := optim.AdamW{LR: 0.1, WeightDecay: optim.Zero}
	schedule := optim.Linear{Warmup: 0.1}
	plan, err := optim.Build(optim.Chain{optim.ClipNorm{Max: 1}, opt.Transform()}, params)
	if err != nil {
		fmt.Println(err)
		return
	}

	backend, err := gobackend.New("ops_sequential")
	if err != nil {
		fmt.Println(err)
		return
	}
	exec, err := graph.NewExec(backend, func(in []*graph.Node) []*graph.Node {
		x, state, scalars := in[0], in[1:len(in)-1], in[len(in)-1]
		loss := graph.ReduceAllSum(graph.Square(graph.SubScalar(x, 3))) // least at (3, 3)
		values, state, norm := plan.Apply(in[:1], graph.Gradient(loss, x), state, scalars)
		return append(append(values, state...), loss, norm)
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	carried := []any{[]float32{0, 5}} // the value, then the state
	for _, slot := range plan.Slots() {
		carried = append(carried, tensors.FromShape(slot.Shape)) // all of Adam's start from zero
	}
	const total = 100
	for step := 1; step <= total; step++ {
		lr := opt.Rate() * schedule.Factor(step-1, total)
		scalars, err := plan.Scalars(step, lr)
		if err != nil {
			fmt.Println(err)
			return
		}
		out, err := exec.Call(append(carried, scalars)...)
		if err != nil {
			fmt.Println(err)
			return
		}
		if step%25 == 0 {
			loss, norm := tensors.ToScalar[float32](out[len(out)-2]), tensors.ToScalar[float32](out[len(out)-1])
			fmt.Printf("step %3d  loss %.3f  lr %.3f  norm %.3f\n", step, loss, lr, norm)
		}
		for i := range carried {
			carried[i] = out[i]
		}
	}
	// Output:
	// step  25  loss 1.619  lr 0.084  norm 2.545
	// step  50  loss 0.056  lr 0.057  norm 0.472
	// step  75  loss 0.001  lr 0.029  norm 0.052
	// step 100  loss 0.001  lr 0.001  norm 0.049
}

// Weight decay for all parameters but biases and layer norms, and what a bad setting is told.
func ExampleAdamW() {
	opt := optim.AdamW{LR: 2e-4, WeightDecay: 0.1, NoDecay: []string{"bias", "LayerNorm"}}
	fmt.Println(opt.Rate(), opt.Validate())

	err := optim.AdamW{Betas: [2]float64{0.9, 1.5}}.Validate()
	fmt.Println(err, errors.Is(err, optim.ErrConfig))
	// Output:
	// 0.0002 <nil>
	// optim: AdamW.Betas[1] is 1.5; want a number in [0, 1) true
}

// A warmup may be a share of the run.
func ExampleCosine() {
	schedule := optim.Cosine{Warmup: 0.2}
	for index := range 10 {
		fmt.Printf("%.2f ", schedule.Factor(index, 10))
	}
	fmt.Println()
	// Output: 0.00 0.50 1.00 0.96 0.85 0.69 0.50 0.31 0.15 0.04
}

// Parameter groups are masks: here the head has ten times the learning rate.
func ExampleMask() {
	opt := optim.AdamW{LR: 1e-4}
	chain := optim.Chain{
		opt.Transform(),
		optim.Mask{Match: optim.Contains("classifier"), Inner: optim.Scale{Factor: 10}},
	}
	plan, err := optim.Build(chain, []optim.Variable{
		{Path: "classifier.weight", Shape: shapes.Make(dtypes.Float32, 4, 16)},
		{Path: "query.lora_A.weight", Shape: shapes.Make(dtypes.Float32, 8, 16)},
	})
	fmt.Println(plan.Key(), err)
	for _, slot := range plan.Slots() {
		fmt.Println(slot.Name, slot.Shape.Dimensions)
	}
	// Output:
	// [[adam decay rate] [0](scale)] (Float32)[4, 16] (Float32)[8, 16] <nil>
	// adam.m/classifier.weight [4 16]
	// adam.m/query.lora_A.weight [8 16]
	// adam.v/classifier.weight [4 16]
	// adam.v/query.lora_A.weight [8 16]
}

// The factors of the learning rate over a run of eight steps.
func ExampleSchedule() {
	for _, schedule := range []optim.Schedule{
		optim.Constant{Warmup: 2}, optim.Linear{}, optim.Linear{Warmup: 0.25}, optim.Steps{Size: 3}, optim.Exponential{Gamma: 0.5},
	} {
		if err := schedule.Validate(8); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%T", schedule)
		for index := range 8 {
			fmt.Printf(" %.3g", schedule.Factor(index, 8))
		}
		fmt.Println()
	}
	fmt.Println(optim.Linear{Warmup: 9}.Validate(8))
	// Output:
	// optim.Constant 0 0.5 1 1 1 1 1 1
	// optim.Linear 1 0.875 0.75 0.625 0.5 0.375 0.25 0.125
	// optim.Linear 0 0.5 1 0.833 0.667 0.5 0.333 0.167
	// optim.Steps 1 1 1 0.1 0.1 0.1 0.01 0.01
	// optim.Exponential 1 0.5 0.25 0.125 0.0625 0.0312 0.0156 0.00781
	// optim: Linear.Warmup is 9; want at most the run's 8 steps
}

// A field that is 0 has PyTorch's default; Zero is an explicit 0.
func ExampleExactly() {
	recipe := map[string]float64{"weight_decay": 0}
	opt := optim.AdamW{WeightDecay: optim.Exactly(recipe["weight_decay"])}
	fmt.Println(opt.WeightDecay == optim.Zero)
	// Without decay, and with the default one of 0.01.
	for _, opt := range []optim.AdamW{opt, {}} {
		fmt.Println(opt.Transform().Key(nil))
	}
	// Output:
	// true
	// [adam [] rate]
	// [adam decay rate]
}

// B learns 16 times as fast as A, as its paper recommends.
func ExampleLoRAPlus() {
	opt := optim.LoRAPlus{Optimizer: optim.AdamW{LR: 2e-4, WeightDecay: optim.Zero}, Ratio: 16}
	fmt.Println(opt.Rate(), opt.Validate())
	// Output: 0.0002 <nil>
}

// Only B has moments, for A stays as it is.
func ExampleLoRAFA() {
	opt := optim.LoRAFA{LR: 1e-4, Alpha: 16} // of an adapter with lora_alpha 16
	plan, err := optim.Build(opt.Transform(), []optim.Variable{
		{Path: "query.lora_A.weight", Shape: shapes.Make(dtypes.Float32, 8, 64)},
		{Path: "query.lora_B.weight", Shape: shapes.Make(dtypes.Float32, 64, 8)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, slot := range plan.Slots() {
		fmt.Println(slot.Name, slot.Shape.Dimensions)
	}
	// Output:
	// adam.m/query.lora_B.weight [64 8]
	// adam.v/query.lora_B.weight [64 8]
}
