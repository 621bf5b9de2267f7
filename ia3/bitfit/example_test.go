package bitfit_test

import (
	"fmt"

	"github.com/gopeft/gopeft/ia3/bitfit"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// The biases of a BERT train, but for those of its norms, and the new head whole.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "intents", &bitfit.Config{
		Common: peft.Common{TaskType: "SEQ_CLS"}, Exclude: peft.Match("LayerNorm"),
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
	// Output:
	// base_model.model.bert.encoder.layer.0.attention.output.dense.bias [16]
	// base_model.model.bert.encoder.layer.0.attention.self.key.bias [16]
	// base_model.model.bert.encoder.layer.0.attention.self.query.bias [16]
	// base_model.model.bert.encoder.layer.0.attention.self.value.bias [16]
	// base_model.model.bert.encoder.layer.0.intermediate.dense.bias [32]
	// base_model.model.bert.encoder.layer.0.output.dense.bias [16]
	// base_model.model.bert.pooler.dense.bias [16]
	// base_model.model.classifier.bias [2]
	// base_model.model.classifier.weight [2 16]
}
