package sample_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// The backbone earns its place: in a short run LoRA on it is far better than LoRA on the same network with random
// weights, by at least 10 points.
func TestPretrainingHelps(t *testing.T) {
	if testing.Short() {
		t.Skip("trains two adapters")
	}
	dir := export(t)
	examples, eval := read(t, dir, sample.TrainFile), read(t, dir, sample.EvalFile)
	labels, err := data.Classes(examples)
	require.NoError(t, err)
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	pretrained, err := models.Load(dir, models.Head("sequence-classification"), models.Classes(labels...), models.HeadSeed(1))
	require.NoError(t, err)
	random, err := models.Random(pretrained.Origin().Config, models.On(pretrained.Engine()), models.HeadSeed(1))
	require.NoError(t, err)
	accuracy := func(b *peft.Backbone) float64 {
		cfg := &lora.Config{Common: peft.Common{TaskType: "SEQ_CLS"}, R: 8, Alpha: 16, Targets: peft.Match("query", "value")}
		adapted, err := peft.Attach(b, "intents", cfg, peft.Seed(1))
		require.NoError(t, err)
		trainer, err := train.New(adapted, train.Options{
			Optimizer: optim.AdamW{LR: 5e-3}, BatchSize: 16, MaxLength: 24, Steps: 20, Seed: 1, Tokenizer: tok,
		})
		require.NoError(t, err)
		_, err = trainer.Fit(context.Background(), examples)
		require.NoError(t, err)
		e, err := trainer.Evaluate(context.Background(), eval)
		require.NoError(t, err)
		return 100 * e.Metrics["accuracy"]
	}
	with, without := accuracy(pretrained), accuracy(random)
	t.Logf("pretrained %.1f %%, random weights %.1f %%", with, without)
	require.Greater(t, with, without+10)
}
