package adamss_test

import (
	"fmt"

	"github.com/gopeft/gopeft/lora/adamss"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// AdaMSS on the queries of a small model: three parts of the sixteen rows, each with an update of rank 1 in four directions and
// the bias.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"],
		"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "mine", &adamss.Config{R: 4, NumSubspaces: 3, Targets: peft.Match("query")})
	if err != nil {
		fmt.Println(err)
		return
	}
	adapter, err := adapted.Adapter("mine")
	if err != nil {
		fmt.Println(err)
		return
	}
	rows := 0
	for _, p := range adapter.Params() {
		switch {
		case p.Trains() && p.Shape[1] == 1:
			rows += p.Shape[0]
		default:
			fmt.Println(p.Name, p.Shape, p.Trains())
		}
	}
	fmt.Println("rows of all adamss_B:", rows)
	fmt.Println("trained:", adapter.NumTrainable())
	// Output:
	// adamss_A.0 [1 4] true
	// adamss_A.1 [1 4] true
	// adamss_A.2 [1 4] true
	// adamss_newB [4 17] false
	// adamss_index [16] false
	// rows of all adamss_B: 16
	// trained: 28
}
