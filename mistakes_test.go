package gopeft_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// mistake is a wrong use of the library: what it does, what its error is under errors.Is, and what it has to name.
type mistake struct {
	do   func() error
	is   error
	says string
}

// noContext is what a caller gives who has none.
var noContext context.Context

// fails makes a mistake of a call that gives something besides its error.
func fails[T any](_ T, err error) error { return err }

// refused holds every mistake to its error, which matches a sentinel and names the thing: there is no panic, and afterwards
// all that it was tried on works as before.
func refused(t *testing.T, s *scene, mistakes []mistake) {
	t.Helper()
	want := s.logits(t)
	for i, m := range mistakes {
		t.Run(fmt.Sprintf("%02d %s", i, m.says), func(t *testing.T) {
			var err error
			require.NotPanics(t, func() { err = m.do() })
			require.Error(t, err)
			if m.is != nil { // what goes wrong in a graph that the caller builds has none
				require.ErrorIs(t, err, m.is)
			}
			require.ErrorContains(t, err, m.says)
			require.Equal(t, want, s.logits(t), "the mistake changed something")
		})
	}
}

// scene is what the mistakes are made with: a classifier with a tokenizer and three adapters, and their folders.
type scene struct {
	dir, backbone, adapter string // a folder for files, and what lies there
	*peft.Adapted
}

const tinyBERT = `{"model_type": "bert", "architectures": [%q], "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
	"intermediate_size": 16, "vocab_size": 700, "max_position_embeddings": 32, "id2label": {"0": "bug", "1": "praise"}}`

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{dir: t.TempDir()}
	s.backbone, s.adapter = filepath.Join(s.dir, "backbone"), filepath.Join(s.dir, "a")
	random, err := models.Random(fmt.Appendf(nil, tinyBERT, "BertForSequenceClassification"))
	require.NoError(t, err)
	require.NoError(t, random.Save(s.backbone))
	raw, err := os.ReadFile("models/tokenizer/testdata/wordpiece/tokenizer.json")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(s.backbone, "tokenizer.json"), raw, 0o644))
	b, err := models.Load(s.backbone)
	require.NoError(t, err)
	s.Adapted = peft.New(b)
	require.NoError(t, s.Attach("a", query(), peft.Seed(1)))
	require.NoError(t, s.Attach("b", query(), peft.Seed(2)))
	require.NoError(t, s.Attach("soft", &tuning.Config{Virtual: prompt.Virtual{Tokens: 2}, Common: peft.Common{TaskType: "SEQ_CLS"}}))
	require.NoError(t, s.SaveAdapter("a", s.adapter))
	return s
}

// query is a config that is right.
func query() *lora.Config { return &lora.Config{R: 2, Targets: peft.Match("query"), Init: lora.Random} }

func (s *scene) logits(t *testing.T) []any {
	t.Helper()
	require.Equal(t, []string{"a", "b", "soft"}, s.Names())
	var out []any
	for _, sel := range []peft.Selection{peft.Base(), s.All(), peft.Rows("a", "b", "")} {
		got, err := s.Forward(context.Background(), sel, ids([]int32{7, 8}, []int32{9, 10}, []int32{11, 12}))
		require.NoError(t, err)
		out = append(out, got["logits"].Value())
	}
	return out
}

// file writes one into the scene's folder and gives its path.
func (s *scene) file(name, text string) string {
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		panic(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		panic(err)
	}
	return path
}

func ids(rows ...[]int32) peft.Tensors { return peft.Tensors{"input_ids": tensors.FromValue(rows)} }

// with is arguments and one more; a nil value is a nil tensor.
func with(in peft.Tensors, name string, value any) peft.Tensors {
	in[name] = nil
	if value != nil {
		t, err := tensors.FromAnyValue(value)
		if err != nil {
			panic(err)
		}
		in[name] = t
	}
	return in
}
