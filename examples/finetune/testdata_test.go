package main_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/data"
)

var word = regexp.MustCompile(`[\p{L}\p{N}']+`)

func words(text string) []string { return word.FindAllString(strings.ToLower(text), -1) }

// trigrams are the distinct runs of three words.
func trigrams(text string) map[string]bool {
	w, set := words(text), map[string]bool{}
	for i := range len(w) - 2 {
		set[strings.Join(w[i:i+3], " ")] = true
	}
	return set
}

// The help desk's sentences: six intents in equal parts, no sentence twice, and none for evaluation that repeats more
// than half of the trigrams of one for training, so that a good score is not one of memory.
func TestDataSet(t *testing.T) {
	const intents, training, evaluation = 6, 50, 15
	train, err := data.ReadJSONL("testdata/train.jsonl", data.Fields{})
	require.NoError(t, err)
	eval, err := data.ReadJSONL("testdata/eval.jsonl", data.Fields{})
	require.NoError(t, err)

	names, err := data.Classes(train)
	require.NoError(t, err)
	require.Len(t, names, intents)
	evalNames, err := data.Classes(eval)
	require.NoError(t, err)
	require.Equal(t, names, evalNames)

	seen := map[string]data.Position{}
	for i, set := range [][]data.Example{train, eval} {
		counts := map[data.Label]int{}
		for _, ex := range set {
			counts[ex.Label]++
			key := strings.Join(words(ex.Text), " ")
			first, twice := seen[key]
			require.False(t, twice, "%s repeats %s: %q", ex.Pos, first, ex.Text)
			seen[key] = ex.Pos
		}
		for label, n := range counts {
			require.Equal(t, []int{training, evaluation}[i], n, label)
		}
	}

	known := make([]map[string]bool, len(train))
	for i, ex := range train {
		known[i] = trigrams(ex.Text)
	}
	for _, ex := range eval {
		own := trigrams(ex.Text)
		require.NotEmpty(t, own, "%s: too short to compare: %q", ex.Pos, ex.Text)
		for i, other := range known {
			shared := 0
			for trigram := range own {
				if other[trigram] {
					shared++
				}
			}
			require.LessOrEqual(t, 2*shared, len(own), "%s repeats %s: %q", ex.Pos, train[i].Pos, ex.Text)
		}
	}
}
