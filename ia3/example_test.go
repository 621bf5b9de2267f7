package ia3_test

import (
	"fmt"

	"github.com/gopeft/gopeft/ia3"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// The outputs of values and the inputs of the feed-forward's second map are scaled.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "intents", &ia3.Config{
		Targets: peft.Match("value", "layer.0.output.dense"), FeedForward: peft.Match("layer.0.output.dense"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	params, err := adapted.Trainable(adapted.All())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range params {
		fmt.Println(p.FileKey(), p.Shape)
	}
	fmt.Println(adapted.NumTrainable(), "of", adapted.NumTotal(), "parameters train")
	// Output:
	// base_model.model.bert.encoder.layer.0.attention.self.value.ia3_l [16 1]
	// base_model.model.bert.encoder.layer.0.output.dense.ia3_l [1 32]
	// 48 of 11634 parameters train
}
