package train_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

const bertDir = "../../internal/pefttest/testdata/fixtures/bases/bert_seqcls"

// shared holds what tests have in common: compiling programs for a BERT takes XLA seconds.
var shared struct {
	sync.Mutex
	dir       string
	backbones map[string]*peft.Backbone
}

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(shared.dir)
	os.Exit(code)
}

// textBERT is a folder with the fixtures' small BERT, given dropout and a vocabulary of letters, so that it reads text.
func textBERT(t testing.TB) string {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.dir == "" {
		dir, err := os.MkdirTemp("", "gopeft")
		require.NoError(t, err)
		shared.dir = dir
		require.NoError(t, writeTextBERT(dir))
	}
	return shared.dir
}

func writeTextBERT(dir string) error {
	if err := os.CopyFS(dir, os.DirFS(bertDir)); err != nil {
		return err
	}
	config := filepath.Join(dir, "config.json")
	raw, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	raw = bytes.ReplaceAll(raw, []byte(`dropout_prob": 0.0`), []byte(`dropout_prob": 0.1`))
	if err := os.WriteFile(config, raw, 0o644); err != nil {
		return err
	}
	vocab := "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
	for c := 'a'; c <= 'z'; c++ {
		vocab += fmt.Sprintf("%c\n##%c\n", c, c)
	}
	return os.WriteFile(filepath.Join(dir, "vocab.txt"), []byte(vocab), 0o644)
}

// attach puts a fresh LoRA with dropout on the backbone of a folder, which is opened once.
func attach(t testing.TB, dir string) *peft.Adapted {
	t.Helper()
	cfg := &lora.Config{R: 4, Alpha: 8, Dropout: 0.1, Targets: peft.Match("query", "value")}
	cfg.TaskType = "SEQ_CLS"
	return attachOf(t, dir, cfg)
}

// attachOf does so with an adapter of another kind.
func attachOf(t testing.TB, dir string, cfg peft.Config) *peft.Adapted {
	t.Helper()
	shared.Lock()
	b := shared.backbones[dir]
	if b == nil {
		var err error
		b, err = models.Load(dir)
		require.NoError(t, err)
		shared.backbones = map[string]*peft.Backbone{dir: b}
	}
	shared.Unlock()
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
