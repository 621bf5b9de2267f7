package gopeft_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// Serve three adapters on one backbone: one batch holds texts for all of them, and one adapter is replaced by a new version
// while calls run. examples/serve is a whole HTTP service.
func Example_service() {
	if err := serve(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// mood: sad
	// topic: sports
	// size: large
	// while it was replaced: 8 of 8 calls answered
	// mood: glad
}

func serve() error {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "service-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// A checkpoint opens with models.Load, and has its tokenizer with it.
	backbone, err := models.Random([]byte(`{"model_type": "bert", "architectures": ["BertForSequenceClassification"], "hidden_size": 16,
		"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 700, "max_position_embeddings": 64}`))
	if err != nil {
		return err
	}
	tok, err := tokenizer.Load("models/tokenizer/testdata/wordpiece")
	if err != nil {
		return err
	}
	// Three adapters were trained elsewhere, and mood once more.
	for folder, classes := range map[string][]string{
		"mood": {"sad", "glad"}, "topic": {"sports", "arts"}, "size": {"large", "small"}, "mood-2": {"glad", "sad"},
	} {
		if err := trained(backbone, classes, filepath.Join(dir, folder)); err != nil {
			return err
		}
	}

	adapted := peft.New(backbone)
	if _, err := adapted.LoadAll([]string{filepath.Join(dir, "mood"), filepath.Join(dir, "topic"), filepath.Join(dir, "size")}); err != nil {
		return err
	}
	predictor, err := predict.New(adapted, predict.Options{Tokenizer: tok})
	if err != nil {
		return err
	}
	names := []string{"mood", "topic", "size"} // one for each text of the batch
	texts := predict.Texts{"it is an error", "the number of strings", "a string of bytes"}
	ask := func() ([]predict.Prediction, error) {
		return predictor.Classes(ctx, peft.Rows(names...).Among(adapted.Names()...), texts)
	}
	answers, err := ask()
	if err != nil {
		return err
	}
	for i, a := range answers {
		fmt.Printf("%s: %s\n", names[i], a.Class)
	}

	var calls sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		calls.Go(func() { _, errs[i] = ask() })
	}
	if _, err := adapted.Replace("mood", filepath.Join(dir, "mood-2")); err != nil {
		return err
	}
	calls.Wait()
	answered := 0
	for _, err := range errs {
		if err == nil {
			answered++
		}
	}
	fmt.Printf("while it was replaced: %d of %d calls answered\n", answered, len(errs))
	if answers, err = ask(); err != nil {
		return err
	}
	fmt.Printf("mood: %s\n", answers[0].Class)
	return nil
}

// trained writes an adapter that answers the first of its classes, in the place of one that learnt something.
func trained(b *peft.Backbone, classes []string, dir string) error {
	adapted, err := peft.Attach(b, "new", &lora.Config{
		R: 2, Targets: peft.Match("query"), Common: peft.Common{TaskType: "SEQ_CLS", Classes: classes},
	})
	if err != nil {
		return err
	}
	adapter, err := adapted.Adapter("new")
	if err != nil {
		return err
	}
	first := peft.Tensors{"base_model.model.classifier.bias": tensors.FromValue([]float32{5, 0})}
	if err := adapter.Set(adapter.Config(), first); err != nil {
		return err
	}
	return adapter.Save(dir)
}
