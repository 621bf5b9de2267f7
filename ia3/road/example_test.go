package road_test

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/ia3/road"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Two adapters, each for one row of a batch.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := &road.Config{Variant: road.TwoPair, GroupSize: 8, Targets: peft.Match("query", "intermediate.dense")}
	adapted, err := peft.Attach(backbone, "first", cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := adapted.Attach("second", cfg); err != nil {
		fmt.Println(err)
		return
	}
	params, err := adapted.Trainable(peft.Use("first"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range params {
		fmt.Println(p.Site, p.Name, p.Shape)
	}
	out, err := adapted.Forward(context.Background(), peft.Rows("first", "second"), peft.Tensors{
		"input_ids": tensors.FromValue([][]int32{{7, 8, 9}, {17, 18, 19}}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("logits", out["logits"].Shape().Dimensions)
	// Output:
	// bert.encoder.layer.0.attention.self.query road_theta [16]
	// bert.encoder.layer.0.attention.self.query road_alpha [16]
	// bert.encoder.layer.0.intermediate.dense road_theta [32]
	// bert.encoder.layer.0.intermediate.dense road_alpha [32]
	// logits [2 2]
}
