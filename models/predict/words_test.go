package predict_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/prefix"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// tagger is a tiny model that labels tokens.
func tagger(t *testing.T) *peft.Adapted {
	return open(t, bert("BertForTokenClassification", three), "wordpiece", nil)
}

// wordTexts have words of several tokens, characters of several bytes and punctuation.
var wordTexts = []string{"Unsurrounded  bytearrays, не 日本語!", "ab", "the literal of ß, given by an integer: interpreted"}

// A word's label is that of its first token, and its offsets cut it out of the text, in bytes and in characters; columns that a
// prompt puts in front are no words.
func TestWords(t *testing.T) {
	golden.OnGo(t)
	for method, cfg := range map[string]peft.Config{
		"base": nil, "prompt": &tuning.Config{Virtual: prompt.Virtual{Tokens: 3}}, "prefix": &prefix.Config{Virtual: prompt.Virtual{Tokens: 3}},
	} {
		t.Run(method, func(t *testing.T) {
			a, sel, virtual := tagger(t), peft.Base(), 0
			if cfg != nil {
				require.NoError(t, a.Attach("it", cfg, peft.Seed(5)))
				sel = peft.Use("it")
			}
			if method == "prompt" {
				virtual = 3
			}
			p, err := predict.New(a, predict.Options{BatchSize: 2})
			require.NoError(t, err)
			got, err := p.Words(t.Context(), sel, wordTexts)
			require.NoError(t, err)
			for i, text := range wordTexts {
				enc := encoded(t, a, text)
				logits := alone(t, a, sel, "logits", text)
				require.Len(t, logits, 3*(enc.Len()+virtual), "columns in front of the tokens")
				logits = logits[3*virtual:]
				k := 0
				for j, word := range enc.WordIDs {
					if word < 0 || j > 0 && enc.WordIDs[j-1] == word {
						continue
					}
					w := got[i][k]
					same(t, softmax(logits[3*j:3*j+3]), w.Prediction)
					require.Equal(t, w.Text, text[w.From:w.To])
					require.Equal(t, w.Text, string([]rune(text)[w.Start:w.End]))
					require.Equal(t, int(enc.Offsets[j][0]), w.Start)
					k++
				}
				require.Len(t, got[i], k)
			}
			require.Equal(t, []string{"Unsurrounded", "bytearrays", ",", "не", "日", "本", "語", "!"}, wordsOf(got[0]))
		})
	}
}

func wordsOf(words []predict.Word) (out []string) {
	for _, w := range words {
		out = append(out, w.Text)
	}
	return out
}

// Where the tokenizer counts a space to the word behind it, the word is without.
func TestWordsWithSpaces(t *testing.T) {
	golden.OnGo(t)
	a := open(t, `{"model_type": "roberta", "architectures": ["RobertaForTokenClassification"], "pad_token_id": 1, "type_vocab_size": 1, `+sizes+three+`}`, "roberta", nil)
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	got, err := p.Words(t.Context(), peft.Base(), []string{" a number,  für alle"})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "number", ",", "für", "alle"}, wordsOf(got[0]))
	require.Equal(t, "für", " a number,  für alle"[got[0][3].From:got[0][3].To])
}

// A text that is too long is read in pieces that overlap: each word is labelled as in the piece in which it stands farther from
// the ends.
func TestWordsOfLongTexts(t *testing.T) {
	golden.OnGo(t)
	a := tagger(t)
	p, err := predict.New(a, predict.Options{MaxLength: 10, Stride: 4})
	require.NoError(t, err)
	// 14 words of one token each: pieces hold words 0 to 7, 4 to 11 and 8 to 13.
	words := strings.Fields("the number is an object to be given by the string of bytes and")
	got, err := p.Words(t.Context(), peft.Base(), []string{strings.Join(words, " ")})
	require.NoError(t, err)
	require.Equal(t, words, wordsOf(got[0]))
	for _, piece := range []struct{ from, to, best, end int }{{0, 8, 0, 6}, {4, 12, 6, 10}, {8, 14, 10, 14}} {
		logits := alone(t, a, peft.Base(), "logits", strings.Join(words[piece.from:piece.to], " "))
		for i := piece.best; i < piece.end; i++ {
			j := 1 + i - piece.from
			same(t, softmax(logits[3*j:3*j+3]), got[0][i].Prediction)
		}
	}
	p, err = predict.New(a, predict.Options{MaxLength: 10, Stride: 8})
	require.NoError(t, err)
	_, err = p.Words(t.Context(), peft.Base(), []string{strings.Join(words, " ")})
	require.ErrorIs(t, err, predict.ErrOption)
	require.ErrorContains(t, err, "Stride 8")
	p, err = predict.New(a, predict.Options{MaxLength: 2})
	require.NoError(t, err)
	_, err = p.Words(t.Context(), peft.Base(), []string{"the number"})
	require.ErrorIs(t, err, peft.ErrInput)
}
