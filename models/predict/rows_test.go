package predict_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// Each row keeps its adapter through the sorting, and its classes have the names of that adapter.
func TestRows(t *testing.T) {
	golden.OnGo(t)
	a := open(t, bert("BertForSequenceClassification", three), "wordpiece", nil)
	for i, labels := range [][]string{nil, {"warm", "mild", "cold"}} {
		name := string(rune('a' + i))
		require.NoError(t, a.Attach(name, &lora.Config{
			Common: peft.Common{TaskType: "SEQ_CLS", Classes: labels}, R: 4, Alpha: 32, Targets: peft.Match("query", "value"),
		}, peft.Seed(uint64(i))))
		ad, err := a.Adapter(name)
		require.NoError(t, err)
		require.NoError(t, ad.Set(ad.Config(), stirred(t, ad)))
	}
	rows := []string{"a", "b", "", "b", "a", "", "b"}
	p, err := predict.New(a, predict.Options{BatchSize: 2})
	require.NoError(t, err)
	got, err := p.Classes(t.Context(), peft.Rows(rows...), predict.Texts(texts))
	require.NoError(t, err)
	for i, text := range texts {
		sel := peft.Base()
		if rows[i] != "" {
			sel = peft.Use(rows[i])
		}
		want := softmax(alone(t, a, sel, "logits", text))
		for j, w := range want {
			require.InDelta(t, w, got[i].Scores[j].Probability, tolerance)
		}
		names := []string{"red", "green", "blue"}
		if rows[i] == "b" {
			names = []string{"warm", "mild", "cold"}
		}
		require.Contains(t, names, got[i].Class)
	}
	both, err := p.Classes(t.Context(), peft.Use("b"), predict.Texts(texts[:1]))
	require.NoError(t, err)
	require.Equal(t, "mild", both[0].Scores[1].Class)
	_, err = p.Classes(t.Context(), peft.Rows("a", "b"), predict.Texts(texts))
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "2 rows, but there are 7 inputs")
	_, err = p.Classes(t.Context(), peft.Use("c"), predict.Texts(texts))
	require.ErrorIs(t, err, peft.ErrAdapter)
}

// stirred gives an adapter's values with what begins as 0 no longer so.
func stirred(t *testing.T, a *peft.Adapter) peft.Tensors {
	t.Helper()
	out := peft.Tensors{}
	for k, p := range a.Params() {
		n := 1
		for _, d := range p.Shape {
			n *= d
		}
		flat := make([]float32, n)
		for i := range flat {
			flat[i] = float32(math.Sin(float64(i*(k+3)) + float64(len(a.Name())+int(a.Name()[0]))))
		}
		if len(p.Const) == 0 {
			out[p.FileKey()] = shaped(flat, p.Shape)
		}
	}
	return out
}
