package predict_test

import (
	"context"
	"fmt"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// From labelled texts to an adapter, and then from texts that it has not seen to answers.
func Example() {
	ctx := context.Background()
	adapted, p, err := tiny(bert("BertForSequenceClassification", `, "id2label": {"0": "text", "1": "number"}`), predict.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := &lora.Config{Common: peft.Common{TaskType: "SEQ_CLS"}, R: 4, Targets: peft.Match("query", "value")}
	if err := adapted.Attach("kinds", cfg); err != nil {
		fmt.Println(err)
		return
	}
	var examples []data.Example
	for _, begin := range []string{"return the", "a literal", "it must be a", "given by the", "convert this"} {
		examples = append(examples, data.Example{Text: begin + " string", Label: data.WordLabel("text")},
			data.Example{Text: begin + " integer", Label: data.WordLabel("number")})
	}
	trainer, err := train.New(adapted, train.Options{
		Task: train.Classification("text", "number"), Optimizer: optim.AdamW{LR: 5e-2}, BatchSize: 10, Epochs: 60, Tokenizer: p.Options().Tokenizer,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := trainer.Fit(ctx, examples); err != nil {
		fmt.Println(err)
		return
	}
	answers, err := p.Classes(ctx, peft.Use("kinds"), predict.Texts{"convert the integer", "the string is not valid", "use an integer"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, a := range answers {
		fmt.Println(a.Class)
	}
	// Output:
	// number
	// text
	// number
}
