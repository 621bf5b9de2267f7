package tuning_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// rows attaches a prompt to the tiny network and gives it row by row, and the embeddings that it may start from.
func rows(t *testing.T, cfg *tuning.Config, seed uint64) (started, words [][]float32) {
	t.Helper()
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", cfg, peft.Seed(seed))
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	v, err := ad.Value(prompt.Embedding)
	require.NoError(t, err)
	split := func(v *peft.Tensor) [][]float32 {
		flat, err := tensors.CopyFlatData[float32](v)
		require.NoError(t, err)
		return slices.Collect(slices.Chunk(flat, v.Shape().Dimensions[1]))
	}
	for path, v := range b.Values() {
		if path == "bert.embeddings.word_embeddings.weight" {
			words = split(v)
		}
	}
	return split(v), words
}

// A text gives the tokens that it gives in HF PEFT: special ones included, not cut by the tokenizer's own limit, then
// cut or repeated.
func TestFromText(t *testing.T) {
	raw, err := os.ReadFile("testdata/starts.json")
	require.NoError(t, err)
	var cases []struct {
		Text   string
		Tokens int
		Kwargs map[string]any
		IDs    []int
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	require.NotEmpty(t, cases)
	for _, c := range cases {
		got, words := rows(t, &tuning.Config{
			Virtual: prompt.Virtual{Tokens: c.Tokens}, Init: tuning.FromText, Text: c.Text,
			Tokenizer: "testdata/words", TokenizerOptions: c.Kwargs,
		}, 0)
		var want [][]float32
		for _, id := range c.IDs {
			want = append(want, words[id])
		}
		require.Equal(t, want, got, c.Text)
	}
}

// A sample is of the vocabulary, of all of it, and drawn by the seed.
func TestSampleVocab(t *testing.T) {
	cfg := &tuning.Config{Virtual: prompt.Virtual{Tokens: 200}, Init: tuning.SampleVocab}
	one, words := rows(t, cfg, 1)
	met := map[int]bool{}
	for _, row := range one {
		i := slices.IndexFunc(words, func(w []float32) bool { return slices.Equal(w, row) })
		require.GreaterOrEqual(t, i, 0)
		met[i] = true
	}
	require.Len(t, met, len(words), "200 draws of 11 tokens miss one with probability 6e-8")
	other, _ := rows(t, cfg, 2)
	require.NotEqual(t, one, other)
}

// A loaded prompt is what its file says, wherever it started: the tokenizer may be gone.
func TestLoadedWithoutTokenizer(t *testing.T) {
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	words, dir := t.TempDir(), t.TempDir()
	require.NoError(t, os.CopyFS(words, os.DirFS("testdata/words")))
	a, err := peft.Attach(b, "a", &tuning.Config{
		Virtual: prompt.Virtual{Tokens: 2}, Init: tuning.FromText, Text: "good", Tokenizer: words,
	})
	require.NoError(t, err)
	require.NoError(t, a.Save(dir))
	require.NoError(t, os.RemoveAll(words))
	again, err := peft.Load(b, dir)
	require.NoError(t, err)
	want, got := valueOf(t, a), valueOf(t, again)
	require.True(t, want.Equal(got))
}

func valueOf(t *testing.T, a *peft.Adapted) *peft.Tensor {
	t.Helper()
	ad, err := a.Adapter(a.Names()[0])
	require.NoError(t, err)
	v, err := ad.Value(prompt.Embeddings)
	require.NoError(t, err)
	return v
}
