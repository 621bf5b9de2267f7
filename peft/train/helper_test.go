package train_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

const bertDir = "../../internal/pefttest/testdata/fixtures/bases/bert_seqcls"

// textBERT is the fixtures' small BERT with dropout and a vocabulary of letters, so that it reads text.
func textBERT(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(bertDir)))
	path := filepath.Join(dir, "config.json")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	raw = []byte(strings.ReplaceAll(string(raw), `dropout_prob": 0.0`, `dropout_prob": 0.1`))
	require.NoError(t, os.WriteFile(path, raw, 0o644))
	vocab := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	for c := 'a'; c <= 'z'; c++ {
		vocab = append(vocab, string(c), "##"+string(c))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "vocab.txt"), []byte(strings.Join(vocab, "\n")+"\n"), 0o644))
	return dir
}

// attach puts a LoRA with dropout on a backbone's folder.
func attach(t testing.TB, dir string) *peft.Adapted {
	t.Helper()
	b, err := models.Load(dir, models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	cfg := &lora.Config{R: 4, Alpha: 8, Dropout: 0.1, Targets: peft.Match("query", "value")}
	cfg.TaskType = "SEQ_CLS"
	a, err := peft.Attach(b, "a", cfg, peft.Seed(1))
	require.NoError(t, err)
	return a
}

// sentences makes examples of three classes, told apart by their first letter.
func sentences(n int) []data.Example {
	out := make([]data.Example, n)
	for i := range out {
		text := fmt.Sprintf("%c%s", "abc"[i%3], strings.Repeat("xyz", 1+i%4))
		out[i] = data.Example{Text: text, Label: data.IntegerLabel(int64(i % 3))}
	}
	return out
}

// flat copies a tensor out.
func flat(t testing.TB, v *peft.Tensor) []float32 {
	t.Helper()
	out, err := tensors.CopyFlatData[float32](v)
	require.NoError(t, err)
	return out
}

// values copies what adapter "a" holds.
func values(t testing.TB, a *peft.Adapted) map[string][]float32 {
	t.Helper()
	ad, err := a.Adapter(a.Names()[0])
	require.NoError(t, err)
	out := map[string][]float32{}
	for key, v := range ad.Values() {
		out[key] = flat(t, v)
	}
	return out
}

// losses collects the losses of a run's steps.
func losses(to *[]float64) func(train.Step) error {
	return func(s train.Step) error {
		*to = append(*to, s.Loss)
		return nil
	}
}
