package peft_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// sample is a random backbone, so that the examples need no file. models.Load opens a real one.
func sample() *peft.Backbone {
	b, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":16,"vocab_size":30}`))
	if err != nil {
		log.Fatal(err)
	}
	return b
}

func tokens() peft.Tensors {
	return peft.Tensors{"input_ids": tensors.FromValue([][]int32{{7, 8, 9}, {7, 8, 9}})}
}

// must keeps the examples short.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// An adapter goes to a folder as HF PEFT writes it, and comes back to the bit.
func ExampleAdapted_Save() {
	dir := filepath.Join(must(os.MkdirTemp("", "")), "intents")
	defer os.RemoveAll(filepath.Dir(dir))

	b := sample()
	adapted := must(peft.Attach(b, "intents", &lora.Config{R: 2, Init: lora.Random}))
	if err := adapted.Save(dir); err != nil {
		log.Fatal(err)
	}
	for _, f := range must(os.ReadDir(dir)) {
		fmt.Println(f.Name())
	}
	again := must(peft.Load(b, dir))
	fmt.Println("adapter", again.Names(), "is the same:", same(adapted, again))
	// Output:
	// adapter_config.json
	// adapter_model.safetensors
	// adapter [intents] is the same: true
}

func same(a, b *peft.Adapted) bool {
	x := must(a.Forward(context.Background(), a.All(), tokens()))
	y := must(b.Forward(context.Background(), b.All(), tokens()))
	return x["logits"].Equal(y["logits"])
}

// Merging gives a backbone of its own, which needs no adapter and can be written as a transformers folder. The
// original is untouched.
func ExampleAdapted_Merge() {
	ctx := context.Background()
	b := sample()
	adapted := must(peft.Attach(b, "intents", &lora.Config{R: 2, Init: lora.Random}))
	merged := must(adapted.Merge(ctx, peft.Use("intents")))

	beside := must(adapted.Forward(ctx, peft.Use("intents"), tokens()))
	within := must(merged.Forward(ctx, tokens()))
	fmt.Println("same outputs:", beside["logits"].InDelta(within["logits"], 1e-5))
	fmt.Println("unmerged to the bit:", merged.Unmerge() == b)
	// Output:
	// same outputs: true
	// unmerged to the bit: true
}

// Adapters can be weighed against each other, or follow one another; the weights are inputs, so changing them
// compiles nothing.
func ExampleAverage() {
	ctx := context.Background()
	adapted := must(peft.Attach(sample(), "a", &lora.Config{R: 2, Init: lora.Random}, peft.Seed(1)))
	if err := adapted.Attach("b", &lora.Config{R: 4, Init: lora.Random}, peft.Seed(2)); err != nil {
		log.Fatal(err)
	}
	mix := peft.Average([]float64{0.3, 0.7}, peft.Use("a"), peft.Use("b"))
	out := must(adapted.Forward(ctx, mix, tokens()))
	fmt.Println(mix, out["logits"].Shape())
	// Output: average(a:0.3,b:0.7) (Float32)[2, 2]
}

// A name that matches nothing is an error that lists what could have been meant.
func ExampleMatch() {
	_, err := peft.Attach(sample(), "intents", &lora.Config{Targets: peft.Match("qeury")})
	fmt.Println(err)
	// Output: attach "intents": LORA: target_modules: "qeury" matches no module; near: query, key, dense, value, LayerNorm
}

// The summary lists what an adapter keeps at which site.
func ExampleAdapted_Summary() {
	adapted := must(peft.Attach(sample(), "intents", &lora.Config{R: 2}))
	fmt.Println(adapted.NumTrainable(), "of", adapted.NumTotal())
	lines := adapted.Summary()
	fmt.Println(len(lines) > 0)
	// Output:
	// 64 of 5122
	// true
}
