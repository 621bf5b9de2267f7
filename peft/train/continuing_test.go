package train_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// continuing is what transformers makes of texts to go on with; see internal/testdata/gen/continuing.py.
type continuing struct {
	Tokenizer json.RawMessage
	Examples  []struct {
		Text  string
		Label *string
	}
	Length                     int
	IDs                        [][]int32 `json:"input_ids"`
	Mask                       [][]int32 `json:"attention_mask"`
	Labels                     [][]int32
	Loss, Perplexity, Accuracy float64
}

// openContinuing gives the reference with its examples and a folder of its base.
func openContinuing(t *testing.T) (ref continuing, examples []data.Example, dir string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/continuing.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &ref))
	for _, ex := range ref.Examples {
		label := data.Label{}
		if ex.Label != nil {
			label = data.WordLabel(*ex.Label)
		}
		examples = append(examples, data.Example{Text: ex.Text, Label: label})
	}
	dir = t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(filepath.Dir(bertDir), "gpt2_lm"))))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.json"), ref.Tokenizer, 0o644))
	return ref, examples, dir
}

// Texts, and texts with labels behind them, become the arguments that transformers is given, with its loss; rows that
// fill a batch up change nothing.
func TestContinuingIsTransformers(t *testing.T) {
	ref, examples, dir := openContinuing(t)
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	o := data.Options{Encoder: data.Encoder{Tokenizer: tok, Buckets: []int{ref.Length}}, BatchSize: 3}
	require.NoError(t, train.Continuing().Loader(&o))
	l, err := data.NewLoader(examples, o)
	require.NoError(t, err)
	for b, err := range l.Epoch(0, 0) {
		require.NoError(t, err)
		require.Len(t, b.Tensors, 3)
		require.Equal(t, ref.IDs, b.Tensors["input_ids"].Value())
		require.Equal(t, ref.Mask, b.Tensors["attention_mask"].Value())
		require.Equal(t, ref.Labels, b.Tensors["labels"].Value())
	}

	backbone, err := models.Load(dir)
	require.NoError(t, err)
	a, err := peft.Attach(backbone, "a", &lora.Config{Targets: peft.Match("c_attn")})
	require.NoError(t, err)
	trainer, err := train.New(a, train.Options{BatchSize: 4, Optimizer: optim.AdamW{LR: 1}, Steps: 1})
	require.NoError(t, err)
	e, err := trainer.Evaluate(t.Context(), examples)
	require.NoError(t, err)
	require.InEpsilon(t, ref.Loss, e.Loss, 1e-5)
	require.InEpsilon(t, ref.Perplexity, e.Metrics["perplexity"], 1e-5)
	require.InDelta(t, ref.Accuracy, e.Metrics["accuracy"], 1e-9)
}

// Two sentences are learned by heart, with an adapter inside and with tokens in front.
func TestContinuingLearns(t *testing.T) {
	_, _, dir := openContinuing(t)
	examples := []data.Example{{Text: "the cat sat on a mat"}, {Text: "the dog ran", Label: data.WordLabel("far is it")}}
	backbone, err := models.Load(dir)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		cfg            peft.Config
		part, accuracy float64 // of the loss that may be left, and to be reached
	}{
		"lora":   {&lora.Config{R: 8, Alpha: 32, Targets: peft.Match("c_attn", "c_proj", "c_fc")}, 0.5, 1},
		"prompt": {&tuning.Config{Virtual: prompt.Virtual{Tokens: 3}}, 0.95, 0}, // random weights can't be told much
	} {
		t.Run(name, func(t *testing.T) {
			a, err := peft.Attach(backbone, "a", c.cfg)
			require.NoError(t, err)
			trainer, err := train.New(a, train.Options{BatchSize: 2, Optimizer: optim.AdamW{LR: 3e-2}, Steps: 60})
			require.NoError(t, err)
			before, err := trainer.Evaluate(t.Context(), examples)
			require.NoError(t, err)
			_, err = trainer.Fit(t.Context(), examples)
			require.NoError(t, err)
			after, err := trainer.Evaluate(t.Context(), examples)
			require.NoError(t, err)
			require.Less(t, after.Loss, c.part*before.Loss)
			require.GreaterOrEqual(t, after.Metrics["accuracy"], c.accuracy)
			require.InEpsilon(t, math.Exp(after.Loss), after.Metrics["perplexity"], 1e-4) // virtual columns or not
		})
	}
}

// Pairs of texts and images have nothing to measure but their loss, which then decides; images have classes.
func TestTasksOfImages(t *testing.T) {
	for task, metrics := range map[string]int{"contrastive": 0, "image-classification": 1} {
		got, err := train.TaskFor(peft.Info{Head: task})
		require.NoError(t, err)
		require.Len(t, got.Metrics(), metrics)
		require.ErrorIs(t, got.Loader(&data.Options{}), peft.ErrUnsupported)
	}
	a, err := models.Load(filepath.Join(filepath.Dir(bertDir), "tiny_clip"))
	require.NoError(t, err)
	src, err := data.Tensors(filepath.Join(filepath.Dir(bertDir), "tiny_clip", "io.safetensors"))
	require.NoError(t, err)
	adapted, err := peft.Attach(a, "a", &lora.Config{Targets: peft.Match("q_proj")})
	require.NoError(t, err)
	trainer, err := train.New(adapted, train.Options{Optimizer: optim.AdamW{LR: 1e-2}, Steps: 4, EvalEvery: 2, EvalSource: src})
	require.NoError(t, err)
	e, err := trainer.EvaluateSource(t.Context(), src)
	require.NoError(t, err)
	want, err := peft.ReadTensors(filepath.Join(filepath.Dir(bertDir), "tiny_clip", "io.safetensors"))
	require.NoError(t, err)
	require.InEpsilon(t, tensors.ToScalar[float32](golden.Under(want, "out.")["loss"]), e.Loss, 1e-4)
	report, err := trainer.FitSource(t.Context(), src)
	require.NoError(t, err)
	require.Less(t, report.Evaluation.Loss, e.Loss)
	require.Empty(t, report.Evaluation.Metrics)
}
