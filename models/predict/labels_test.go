package predict_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

func TestLabels(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForSequenceClassification", three+`, "problem_type": "multi_label_classification"`), "wordpiece", nil)
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	got, err := p.MultiLabel(t.Context(), peft.Base(), predict.Texts(texts))
	require.NoError(t, err)
	for i, text := range texts {
		var classes []string
		for j, x := range alone(t, a, peft.Base(), "logits", text) {
			want := 1 / (1 + math.Exp(-float64(x)))
			require.InDelta(t, want, got[i].Scores[j].Probability, tolerance)
			if want >= 0.5 {
				classes = append(classes, []string{"red", "green", "blue"}[j])
			}
		}
		require.Equal(t, classes, got[i].Classes)
	}
	all, err := predict.New(a, predict.Options{Threshold: 1e-9})
	require.NoError(t, err)
	got, err = all.MultiLabel(t.Context(), peft.Base(), predict.Texts(texts[:1]))
	require.NoError(t, err)
	require.Equal(t, []string{"red", "green", "blue"}, got[0].Classes)
	_, err = p.Classes(t.Context(), peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "see MultiLabel")
}

func TestNumbers(t *testing.T) {
	golden.OnGo(t)
	for name, more := range map[string]string{"one": `, "num_labels": 1`, "three": three + `, "problem_type": "regression"`} {
		t.Run(name, func(t *testing.T) {
			a := open(t, bert("BertForSequenceClassification", more), "wordpiece", nil)
			p, err := predict.New(a, predict.Options{})
			require.NoError(t, err)
			got, err := p.Numbers(t.Context(), peft.Base(), predict.Texts(texts))
			require.NoError(t, err)
			for i, text := range texts {
				want := alone(t, a, peft.Base(), "logits", text)
				require.Len(t, got[i], len(want))
				for j, w := range want {
					require.InDelta(t, w, got[i][j], tolerance)
				}
			}
			_, err = p.Classes(t.Context(), peft.Base(), predict.Texts(texts))
			require.ErrorContains(t, err, "see Numbers")
		})
	}
	p, err := predict.New(open(t, bert("BertForSequenceClassification", three), "wordpiece", nil), predict.Options{})
	require.NoError(t, err)
	_, err = p.Numbers(t.Context(), peft.Base(), predict.Texts(texts))
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorContains(t, err, "3 classes")
}
