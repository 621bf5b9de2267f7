package full_test

import (
	"fmt"

	"github.com/gopeft/gopeft/ia3/full"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// The whole of a small GPT-2 trains; then its last block alone.
func Example() {
	backbone, err := models.Random([]byte(`{"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"],
		"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 32, "vocab_size": 50}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	adapted, err := peft.Attach(backbone, "whole", &full.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(adapted.NumTrainable(), "of", adapted.NumTotal(), "parameters train")

	top, err := peft.Attach(backbone, "top", &full.Config{Targets: peft.Match("h.1", "ln_f")})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(top.NumTrainable(), "of", top.NumTotal(), "parameters train")
	// Output:
	// 7904 of 7904 parameters train
	// 3312 of 7904 parameters train
}
