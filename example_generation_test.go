package gopeft_test

import (
	"context"
	"fmt"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Teach a decoder what to write behind a text, and let it write: several texts at once, and one piece by piece up to a stop text.
func Example_generation() {
	if err := write(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// " an integer; it is zero"
	// " a string; it is empty"
	// " a" " string"
}

func write() error {
	ctx := context.Background()
	dir, done, err := talker()
	if err != nil {
		return err
	}
	defer done()
	backbone, err := models.Load(dir)
	if err != nil {
		return err
	}
	adapted, err := peft.Attach(backbone, "answers", &lora.Config{R: 8, Alpha: 16, Targets: peft.AllLinear()})
	if err != nil {
		return err
	}
	trainer, err := train.New(adapted, train.Options{Optimizer: optim.AdamW{LR: 2e-2}, Epochs: 40})
	if err != nil {
		return err
	}
	_, err = trainer.Fit(ctx, []data.Example{
		{Text: "the number is", Label: data.WordLabel(" an integer; it is zero")},
		{Text: "the text is", Label: data.WordLabel(" a string; it is empty")},
	})
	if err != nil {
		return err
	}

	sel := peft.Use("answers")
	g, err := generate.New(adapted, generate.Options{MaxNewTokens: 20})
	if err != nil {
		return err
	}
	texts, err := g.Text(ctx, sel, "the number is", "the text is")
	if err != nil {
		return err
	}
	for _, text := range texts {
		fmt.Printf("%q\n", text)
	}
	if g, err = generate.New(adapted, generate.Options{MaxNewTokens: 20, Stop: []string{";"}, TrimStop: true}); err != nil {
		return err
	}
	for piece, err := range g.Stream(ctx, sel, "the text is") {
		if err != nil {
			return err
		}
		fmt.Printf("%q ", piece)
	}
	return nil
}
