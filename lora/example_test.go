package lora_test

import (
	"context"
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// must keeps the example short.
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// A LoRA is attached, trained and merged. Package peft/train has the loop for real data; here are ten steps of plain
// gradient descent on one batch, with what peft alone offers.
func Example() {
	ctx := context.Background()
	// models.Load opens a folder; this model is small and random, to need none.
	backbone := must(models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":16,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`)))
	adapted := must(peft.Attach(backbone, "intents", &lora.Config{
		Common: peft.Common{TaskType: "SEQ_CLS"}, // trains the head, too
		R:      4, Alpha: 8, Targets: peft.Match("query", "value"),
	}))
	fmt.Println(adapted.NumTrainable(), "of", adapted.NumTotal(), "parameters train")

	only := peft.Use("intents")
	batch := peft.Tensors{
		"input_ids": tensors.FromValue([][]int32{{7, 8, 9}, {17, 18, 19}}),
		"labels":    tensors.FromValue([]int32{0, 1}),
	}
	var losses []float32
	for range 10 {
		outputs, grads, err := adapted.Gradients(ctx, only, batch)
		if err != nil {
			log.Fatal(err)
		}
		losses = append(losses, outputs["loss"].Value().(float32))
		var values []*peft.Tensor
		for i, p := range must(adapted.Trainable(only)) {
			values = append(values, descend(p.Value, grads[i], 2))
		}
		if err := must(adapted.Adapter("intents")).Publish(values); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("the loss is %.2f, and later %.2f\n", losses[0], losses[9])

	merged := must(adapted.Merge(ctx, only))
	beside := must(adapted.Forward(ctx, only, batch))
	within := must(merged.Forward(ctx, batch))
	fmt.Println("merged, the outputs are the same:", beside["logits"].InDelta(within["logits"], 1e-5))
	// Output:
	// 546 of 14356 parameters train
	// the loss is 0.69, and later 0.67
	// merged, the outputs are the same: true
}

// descend gives a value after a step against its gradient.
func descend(value, grad *peft.Tensor, rate float32) *peft.Tensor {
	flat, slope := tensors.MustCopyFlatData[float32](value), tensors.MustCopyFlatData[float32](grad)
	for i := range flat {
		flat[i] -= rate * slope[i]
	}
	return tensors.FromFlatDataAndDimensions(flat, value.Shape().Dimensions...)
}

// The token of a word that the model does not know yet gets an embedding of its own, beside a LoRA.
func ExampleTokenIDs() {
	backbone := must(models.Random([]byte(`{"model_type":"bert","architectures":["BertModel"],
		"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":32,"vocab_size":50}`)))
	adapted := must(peft.Attach(backbone, "jargon", &lora.Config{R: 2, Tokens: lora.TokenIDs(48, 49)}))
	for _, p := range must(adapted.Trainable(adapted.All())) {
		fmt.Println(p.Site, p.Name, p.Shape)
	}
	// Output:
	// encoder.layer.0.attention.self.query lora_A.weight [2 16]
	// encoder.layer.0.attention.self.query lora_B.weight [16 2]
	// encoder.layer.0.attention.self.value lora_A.weight [2 16]
	// encoder.layer.0.attention.self.value lora_B.weight [16 2]
	// embeddings.word_embeddings token_adapter.trainable_tokens_delta [2 16]
}
