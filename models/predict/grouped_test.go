package predict

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tokens are grouped as transformers' aggregation "simple" does: by kind, a B- begins anew, the score is the mean over
// tokens, and O is left out.
func TestGrouped(t *testing.T) {
	names := []string{"O", "B-PER", "I-PER", "B-LOC", "I-LOC", "MISC"}
	text := "Ada Lovelace met Bob in New York City by train"
	at := []struct {
		word        string
		from        int32
		label       int
		probability float64
	}{
		{"Ada", 0, 1, 0.9}, {"Love", 4, 2, 0.8}, {"lace", 8, 2, 0.7}, {"met", 13, 0, 0.9}, {"Bob", 17, 2, 0.6}, {"in", 21, 0, 0.9},
		{"New", 24, 4, 0.5}, {"York", 28, 4, 0.7}, {"City", 33, 3, 0.8}, {"by", 38, 5, 0.4}, {"train", 41, 5, 0.6},
	}
	var tokens []token
	for _, x := range at {
		// Of six classes one has this probability, the others share the rest.
		logits := make([]float32, len(names))
		for j := range logits {
			logits[j] = float32(math.Log((1 - x.probability) / 5))
		}
		logits[x.label] = float32(math.Log(x.probability))
		span := [2]int32{x.from, x.from + int32(len(x.word))}
		tokens = append(tokens, token{chars: span, bytes: span, logits: logits})
	}
	type found struct {
		text, kind  string
		probability float64
	}
	want := []found{
		{"Ada Lovelace", "PER", 0.8}, {"Bob", "PER", 0.6}, {"New York", "LOC", 0.6}, {"City", "LOC", 0.8}, {"by train", "MISC", 0.5},
	}
	got := grouped(text, names, tokens)
	require.Len(t, got, len(want))
	for i, e := range got {
		require.Equal(t, want[i].text, e.Text)
		require.Equal(t, want[i].kind, e.Kind)
		require.InDelta(t, want[i].probability, e.Probability, 1e-6)
		require.Equal(t, e.Text, text[e.From:e.To])
	}
	// Two entities of a kind that follow each other are told apart by B- only.
	require.Len(t, grouped("ab", []string{"B-X", "I-X"}, []token{
		{bytes: [2]int32{0, 1}, chars: [2]int32{0, 1}, logits: []float32{1, 0}}, {bytes: [2]int32{1, 2}, chars: [2]int32{1, 2}, logits: []float32{1, 0}},
	}), 2)
	require.Empty(t, grouped("", names, nil))
}
