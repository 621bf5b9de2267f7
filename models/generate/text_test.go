package generate_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
)

// talker opens a tiny model with random weights and a tokenizer, whose folder has more files.
func talker(t *testing.T, more map[string]string) *peft.Adapted {
	t.Helper()
	dir := t.TempDir()
	raw, err := os.ReadFile("../tokenizer/testdata/bytelevel/tokenizer.json")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.json"), raw, 0o644))
	e := golden.OpenEngine(t)
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	b, err := models.Random(talkerConfig(tok.VocabSize()), models.On(e), models.HeadSeed(1))
	require.NoError(t, err)
	saved := t.TempDir()
	require.NoError(t, b.Save(saved))
	for _, name := range []string{"config.json", "model.safetensors"} {
		require.NoError(t, os.Rename(filepath.Join(saved, name), filepath.Join(dir, name)))
	}
	for name, text := range more {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	b, err = models.Load(dir, models.On(e))
	require.NoError(t, err)
	return peft.New(b)
}

// Pieces join to the whole text, whose characters are never broken.
func TestStream(t *testing.T) {
	a := talker(t, nil)
	for seed := range uint64(5) {
		g, err := generate.New(a, generate.Options{MaxNewTokens: 40, Temperature: 1, Seed: seed})
		require.NoError(t, err)
		text, err := g.Text(t.Context(), peft.Base(), "Once upon")
		require.NoError(t, err)
		var pieces []string
		for piece, err := range g.Stream(t.Context(), peft.Base(), "Once upon") {
			require.NoError(t, err)
			pieces = append(pieces, piece)
		}
		require.Equal(t, text[0], strings.Join(pieces, ""))
		require.Greater(t, len(pieces), 5)
	}
}

// A context that ends between two pieces ends the stream with its error.
func TestStreamStops(t *testing.T) {
	a := talker(t, nil)
	g, err := generate.New(a, generate.Options{MaxNewTokens: 40, Temperature: 1})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	pieces := 0
	for piece, err := range g.Stream(ctx, peft.Base(), "Once upon") {
		require.NoError(t, last, "an error is the last value")
		if last = err; err != nil {
			require.Empty(t, piece)
			continue
		}
		if pieces++; pieces == 3 {
			cancel()
		}
	}
	require.Equal(t, 3, pieces)
	require.ErrorIs(t, last, context.Canceled)
}

// Equal seeds draw equal texts, others others.
func TestSeed(t *testing.T) {
	a := talker(t, nil)
	texts := map[string]bool{}
	for _, seed := range []uint64{1, 1, 2} {
		g, err := generate.New(a, generate.Options{MaxNewTokens: 12, Temperature: 1, Seed: seed})
		require.NoError(t, err)
		text, err := g.Text(t.Context(), peft.Base(), "Once upon")
		require.NoError(t, err)
		texts[text[0]] = true
	}
	require.Len(t, texts, 2)
}

// A row ends with the token that completes a stop string, which may lie in several tokens.
func TestStopStrings(t *testing.T) {
	a := talker(t, nil)
	o := generate.Options{MaxNewTokens: 30, Temperature: 1, Seed: 4, Pad: new(int32(0))}
	g, err := generate.New(a, o)
	require.NoError(t, err)
	whole, err := g.Text(t.Context(), peft.Base(), "Once upon")
	require.NoError(t, err)
	require.Greater(t, len(whole[0]), 20)
	stop := whole[0][8:12]
	o.Stop = []string{"never written, surely", stop}
	g, err = generate.New(a, o)
	require.NoError(t, err)
	cut, err := g.Text(t.Context(), peft.Base(), "Once upon")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(whole[0], cut[0]))
	require.Less(t, len(cut[0]), len(whole[0]))
	require.Contains(t, cut[0], stop)
	require.NotContains(t, cut[0][:len(cut[0])-len(stop)], stop)
}

// Without the stop text, texts end in front of it, whole and piece by piece; the ids stay as they were written.
func TestTrimStop(t *testing.T) {
	a := talker(t, nil)
	for seed := range uint64(4) {
		o := generate.Options{MaxNewTokens: 30, Temperature: 1, Seed: seed, Pad: new(int32(0))}
		g, err := generate.New(a, o)
		require.NoError(t, err)
		whole, err := g.Text(t.Context(), peft.Base(), "Once upon")
		require.NoError(t, err)
		stop := whole[0][9:14]
		if !utf8.ValidString(stop) {
			stop = whole[0][8:14]
		}
		want, _, _ := strings.Cut(whole[0], stop)
		// Text that looks like the beginning of a stop, at its end too, is not lost.
		last := whole[0][len(whole[0])-1:]
		for says, stops := range map[string][]string{want: {stop}, whole[0]: {last + "never written, surely"}} {
			o.Stop, o.TrimStop = stops, true
			g, err = generate.New(a, o)
			require.NoError(t, err)
			text, err := g.Text(t.Context(), peft.Base(), "Once upon")
			require.NoError(t, err)
			require.Equal(t, says, text[0])
			var streamed strings.Builder
			for piece, err := range g.Stream(t.Context(), peft.Base(), "Once upon") {
				require.NoError(t, err)
				require.NotEmpty(t, piece)
				streamed.WriteString(piece)
				require.True(t, strings.HasPrefix(says, streamed.String()), "%q of %q", streamed.String(), says)
			}
			require.Equal(t, says, streamed.String())
		}
		o.Stop = []string{stop}
		g, err = generate.New(a, o)
		require.NoError(t, err)
		trimmed, err := g.Encode("Once upon")
		require.NoError(t, err)
		out, err := g.Generate(t.Context(), peft.Base(), trimmed)
		require.NoError(t, err)
		tok, err := tokenizer.Load(a.Backbone().Origin().Dir)
		require.NoError(t, err)
		require.Contains(t, tok.Decode(out.New()[0], true), stop)
	}
}

// The folder's settings hold where the options say nothing; sampling only where it is asked for.
func TestFolder(t *testing.T) {
	a := talker(t, map[string]string{"generation_config.json": `{"eos_token_id": [3, 4], "pad_token_id": 5, "max_new_tokens": 7, "do_sample": true,
		"temperature": 0.6, "top_p": 0.9, "repetition_penalty": 1.1, "num_beams": 2, "early_stopping": "never", "length_penalty": 0.0, "top_k": 50}`})
	g, err := generate.New(a, generate.Options{})
	require.NoError(t, err)
	o := g.Options()
	require.Equal(t, []int32{3, 4}, o.EOS)
	require.EqualValues(t, 5, *o.Pad)
	require.Equal(t, 7, o.MaxNewTokens)
	require.Zero(t, o.Temperature)
	require.Equal(t, 1.1, o.RepetitionPenalty)
	require.Equal(t, 2, o.Beams)
	require.Equal(t, generate.StopWhenImpossible, o.EarlyStopping)
	require.Equal(t, optim.Zero, o.LengthPenalty, "an explicit 0")

	g, err = generate.New(a, generate.Options{MaxNewTokens: 3, EOS: []int32{9}, RepetitionPenalty: 1, Beams: 1})
	require.NoError(t, err)
	o = g.Options()
	require.Equal(t, []int32{9}, o.EOS)
	require.Equal(t, 3, o.MaxNewTokens)
	require.Equal(t, 1.0, o.RepetitionPenalty)

	o, err = generate.FolderOptions(a.Backbone())
	require.NoError(t, err)
	require.Equal(t, 0.6, o.Temperature)
	require.Equal(t, 0.9, o.TopP)
	require.Equal(t, 50, o.TopK)

	a = talker(t, map[string]string{"generation_config.json": `{"eos_token_id": 3, "bad_words_ids": [[1, 2]]}`})
	_, err = generate.New(a, generate.Options{})
	require.ErrorIs(t, err, peft.ErrUnsupported)
	require.ErrorContains(t, err, "bad_words_ids")
}
