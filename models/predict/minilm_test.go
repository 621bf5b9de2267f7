package predict_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// TestMiniLM holds the sentence embeddings of a real sentence-transformers folder, made as its files say, to those of the
// reference. GOPEFT_MINILM names the folder; .ci/run minilm fetches it.
func TestMiniLM(t *testing.T) {
	dir := os.Getenv("GOPEFT_MINILM")
	if dir == "" {
		t.Skip("GOPEFT_MINILM does not name the folder of all-MiniLM-L6-v2")
	}
	raw, err := os.ReadFile("../testdata/minilm.json")
	require.NoError(t, err)
	var golden struct {
		Rows []struct {
			Text      string
			MaxLength int `json:"max_length"`
			Embedding []float64
		}
	}
	require.NoError(t, json.Unmarshal(raw, &golden))
	require.Len(t, golden.Rows, 5)
	b, err := models.Load(dir)
	require.NoError(t, err)
	byLength := map[int][]int{}
	for i, row := range golden.Rows {
		byLength[row.MaxLength] = append(byLength[row.MaxLength], i)
	}
	for length, rows := range byLength {
		var texts []string
		for _, i := range rows {
			texts = append(texts, golden.Rows[i].Text)
		}
		p, err := predict.New(peft.New(b), predict.Options{MaxLength: length, BatchSize: 4})
		require.NoError(t, err)
		got, err := p.Embeddings(t.Context(), peft.Base(), texts)
		require.NoError(t, err)
		for k, i := range rows {
			require.Len(t, got[k], 384)
			length := 0.0
			for j, x := range got[k] {
				if want := golden.Rows[i].Embedding; j < len(want) {
					require.InDelta(t, want[j], x, 1e-5, "text %d, value %d", i, j)
				}
				length += float64(x) * float64(x)
			}
			require.InDelta(t, 1, math.Sqrt(length), 1e-6)
		}
	}
}
