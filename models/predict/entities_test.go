package predict_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// Entities are made of the tokens' own labels: here of the tokens alone, by the rule written out.
func TestEntities(t *testing.T) {
	golden.OnGo(t)
	names := []string{"O", "B-X", "I-X"}
	a := open(t, bert("BertForTokenClassification", `, "id2label": {"0": "O", "1": "B-X", "2": "I-X"}`), "wordpiece", nil)
	p, err := predict.New(a, predict.Options{BatchSize: 2})
	require.NoError(t, err)
	got, err := p.Entities(t.Context(), peft.Base(), texts)
	require.NoError(t, err)
	total := 0
	for i, text := range texts {
		enc := encoded(t, a, text)
		logits := alone(t, a, peft.Base(), "logits", text)
		var want []predict.Entity
		before := "O"
		count := 0
		for j := 1; j < enc.Len()-1; j++ {
			probabilities := softmax(logits[3*j : 3*j+3])
			best := 0
			for k, x := range probabilities {
				if x > probabilities[best] {
					best = k
				}
			}
			label := names[best]
			if label != "O" && (label == "B-X" || before == "O") {
				want, count = append(want, predict.Entity{Kind: "X"}), 0
				want[len(want)-1].From = int(enc.ByteOffsets[j][0])
			}
			if label != "O" {
				e := &want[len(want)-1]
				e.To = int(enc.ByteOffsets[j][1])
				e.Probability = (e.Probability*float64(count) + probabilities[best]) / float64(count+1)
				count++
			}
			before = label
		}
		require.Len(t, got[i], len(want), text)
		total += len(want)
		for k, e := range got[i] {
			require.Equal(t, text[want[k].From:want[k].To], e.Text)
			require.Equal(t, "X", e.Kind)
			require.InDelta(t, want[k].Probability, e.Probability, tolerance)
		}
	}
	require.Positive(t, total)
}
