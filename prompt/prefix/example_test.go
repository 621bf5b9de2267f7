package prefix_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/prefix"
)

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

// What trains is the projection; what is saved is the prefix that it makes, which computes the same.
func Example() {
	b := must(models.Random([]byte(`{"model_type":"bert","architectures":["BertForSequenceClassification"],
		"hidden_size":8,"num_hidden_layers":3,"num_attention_heads":2,"intermediate_size":16,"vocab_size":30}`)))
	adapted := must(peft.Attach(b, "style", &prefix.Config{
		Virtual: prompt.Virtual{Tokens: 4}, Projection: true, EncoderHidden: 16,
	}))
	dir := must(os.MkdirTemp("", ""))
	defer os.RemoveAll(dir)
	if err := adapted.Save(dir); err != nil {
		log.Fatal(err)
	}
	loaded := must(peft.Load(b, dir))

	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{7, 8, 9}})}
	before := must(adapted.Forward(context.Background(), adapted.All(), in))
	after := must(loaded.Forward(context.Background(), loaded.All(), in))
	fmt.Println("trains", adapted.NumTrainable(), "values, keeps", loaded.NumTrainable())
	fmt.Println("same outputs:", before["logits"].InDelta(after["logits"], 1e-5))
	// Output:
	// trains 992 values, keeps 192
	// same outputs: true
}
