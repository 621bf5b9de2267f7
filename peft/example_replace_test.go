package peft_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
)

// A new version takes the place of an adapter, of another rank here. Where it can't be opened, the old one stays.
func ExampleAdapted_Replace() {
	parent := must(os.MkdirTemp("", ""))
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "version-2")
	b := sample()
	if err := must(peft.Attach(b, "new", &lora.Config{R: 4, Init: lora.Random})).Save(dir); err != nil {
		log.Fatal(err)
	}

	adapted := must(peft.Attach(b, "intents", &lora.Config{R: 2, Init: lora.Random}))
	before := must(adapted.Forward(context.Background(), peft.Use("intents"), tokens()))
	fmt.Println(must(adapted.Adapter("intents")).NumTrainable())

	_, err := adapted.Replace("intents", filepath.Join(parent, "version-3"))
	fmt.Println("no such folder:", errors.Is(err, os.ErrNotExist), must(adapted.Adapter("intents")).NumTrainable())

	replaced := must(adapted.Replace("intents", dir))
	after := must(adapted.Forward(context.Background(), peft.Use("intents"), tokens()))
	fmt.Println(adapted.Names(), replaced.NumTrainable(), "same outputs:", before["logits"].InDelta(after["logits"], 1e-6))
	// Output:
	// 64
	// no such folder: true 64
	// [intents] 128 same outputs: false
}
