package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/sample"
)

func mustCorpus(t *testing.T) *corpus {
	t.Helper()
	c, err := newCorpus()
	require.NoError(t, err)
	return c
}

func TestTemplates(t *testing.T) {
	p, err := parseTemplate("(a/two) {thing}s[ on (the/a) {thing}]")
	require.NoError(t, err)
	g := grammar{"thing": choice{text("shelf"), text("box")}}
	seen := map[string]bool{}
	r := rand.New(rand.NewPCG(1, 1))
	for range 1000 {
		var b strings.Builder
		p.expand(g, r, &b)
		seen[b.String()] = true
	}
	require.Len(t, seen, 2*2*(1+2*2))
	require.Contains(t, seen, "two shelves on the box")
	require.Contains(t, seen, "a boxes")
	for _, bad := range []string{"(a/b", "[a", "{a", "a)", "a]", "a}"} {
		_, err := parseTemplate(bad)
		require.Error(t, err, bad)
	}
	require.Equal(t, []string{"nothing"}, grammar{}.missing(chain{text("a"), option{form{"nothing", "s"}}}))
}

func TestPlurals(t *testing.T) {
	for one, many := range map[string]string{
		"dress": "dresses", "watch": "watches", "diary": "diaries", "toy": "toys", "knife": "knives", "glasses": "glasses",
		"grey sheep": "grey sheep", "box": "boxes", "chair": "chairs",
	} {
		require.Equal(t, many, pluralOf(one))
	}
}

func TestVerbForms(t *testing.T) {
	for forms, verb := range map[[2]string]string{
		{"asked", "asking"}: "ask", {"used", "using"}: "use", {"tried", "trying"}: "try", {"stopped", "stopping"}: "stop",
		{"enjoyed", "enjoying"}: "enjoy", {"caught", "catching"}: "catch", {"left", "leaving"}: "leave", {"began", "beginning"}: "begin",
	} {
		require.Equal(t, forms, [2]string{verbForm(verb, "ed"), verbForm(verb, "ing")})
	}
}

func TestArticles(t *testing.T) {
	require.Equal(t, "an order in a bag for an hour", articles("a order in an bag for a hour"))
	require.Equal(t, "a used car, a one way ticket", articles("an used car, an one way ticket"))
}

// One seed gives one text, and dialogues stay on their matter without saying the same thing twice.
func TestTextFollowsFromTheSeed(t *testing.T) {
	c := mustCorpus(t)
	draw := func(seed uint64) []string {
		turns, _ := newBatches(c, nil, dialogues, seed).texts()
		return turns
	}
	require.Equal(t, draw(1), draw(1))
	require.NotEqual(t, draw(1), draw(2))
}

// The evaluation sentences must not be known from pretraining: neither a sentence nor most of its wording (sequences of
// four words) is in the text. It looks at all the text of the run that made the sample.
func TestNoEvaluationSentenceInTheText(t *testing.T) {
	const most = 0.5
	grams := map[[4]string]bool{} // of the evaluation sentences; whether they are in the text
	var sentences [][]string
	for _, s := range evaluationSentences(t) {
		w := words(s)
		sentences = append(sentences, w)
		for i := range max(0, len(w)-3) {
			grams[[4]string(w[i:])] = false
		}
	}
	b := newBatches(mustCorpus(t), nil, dialogues, defaults.seed)
	turns := map[string]bool{}
	for range defaults.steps {
		texts, _ := b.texts()
		for _, turn := range texts {
			w := words(turn)
			turns[strings.Join(w, " ")] = true
			for i := range max(0, len(w)-3) {
				if _, ours := grams[[4]string(w[i:])]; ours {
					grams[[4]string(w[i:])] = true
				}
			}
		}
	}
	for _, w := range sentences {
		require.False(t, turns[strings.Join(w, " ")], "%q", w)
		known, all := 0, len(w)-3
		for i := range max(0, all) {
			if grams[[4]string(w[i:])] {
				known++
			}
		}
		require.False(t, all > 0 && float64(known) > most*float64(all), "%d of %d: %q", known, all, w)
	}
}

func words(s string) []string {
	s = strings.ReplaceAll(strings.ToLower(s), "'", "")
	return strings.FieldsFunc(s, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
}

func evaluationSentences(t *testing.T) []string {
	t.Helper()
	raw, err := fs.ReadFile(sample.Files(), sample.EvalFile)
	require.NoError(t, err)
	var out []string
	for line := range strings.Lines(string(raw)) {
		var example struct{ Text string }
		require.NoError(t, json.Unmarshal([]byte(line), &example))
		out = append(out, example.Text)
	}
	return out
}

// The embedded sample was made from this text: its vocabulary and config are what the program writes now.
func TestSampleIsOfThisText(t *testing.T) {
	files, _, err := newFiles(mustCorpus(t), defaults.seed)
	require.NoError(t, err)
	for name, want := range map[string][]byte{"tokenizer.json": files.tokenizer, "config.json": files.config} {
		got, err := fs.ReadFile(sample.Files(), name)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), "%s: run this program again for package sample", name)
	}
}
