package models_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// TestMiniLM holds a real pretrained backbone to transformers: token ids, hidden states and sentence embeddings of five
// texts. GOPEFT_MINILM names its folder; .ci/run minilm fetches it.
func TestMiniLM(t *testing.T) {
	dir := os.Getenv("GOPEFT_MINILM")
	if dir == "" {
		t.Skip("GOPEFT_MINILM does not name the folder of all-MiniLM-L6-v2")
	}
	raw, err := os.ReadFile("testdata/minilm.json")
	require.NoError(t, err)
	var golden struct {
		Rows []struct {
			Text      string
			MaxLength int `json:"max_length"`
			IDs       []int32
			CLS, Last []float64 // the first values of the first and of the last token's state
			Embedding []float64 // the mean of the states, of length 1
		}
		BatchedCosine [][]float64 `json:"batched_cosine"`
	}
	require.NoError(t, json.Unmarshal(raw, &golden))
	require.Len(t, golden.Rows, 5)
	backbone, err := models.Load(dir)
	require.NoError(t, err)
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	for i, row := range golden.Rows {
		t.Run(fmt.Sprintf("text %d", i), func(t *testing.T) {
			enc, err := tok.Encode(row.Text, &tokenizer.Options{
				Truncation: &tokenizer.Truncation{MaxLength: row.MaxLength}, Padding: &tokenizer.Padding{},
			})
			require.NoError(t, err)
			require.Equal(t, row.IDs, enc.IDs)
			// Padded, as in a batch with a longer text: the mask must hide what follows.
			length := len(enc.IDs) + 3
			out, err := backbone.Forward(t.Context(), peft.Tensors{
				"input_ids":      padded(enc.IDs, length),
				"attention_mask": padded(enc.AttentionMask, length),
				"token_type_ids": padded(enc.TypeIDs, length),
			})
			require.NoError(t, err)
			hidden, err := tensors.CopyFlatData[float32](out["last_hidden_state"])
			require.NoError(t, err)
			width := len(hidden) / length
			near(t, row.CLS, hidden)
			near(t, row.Last, hidden[(len(enc.IDs)-1)*width:])
			mean := embed(t, backbone, tok, []string{row.Text}, row.MaxLength)[0]
			require.Len(t, mean, len(row.Embedding))
			near(t, row.Embedding, mean)
		})
	}
	var first []string
	for _, row := range golden.Rows[:len(golden.BatchedCosine)] {
		first = append(first, row.Text)
	}
	batch := embed(t, backbone, tok, first, 64)
	for i, want := range golden.BatchedCosine {
		for j, cosine := range want {
			require.InDelta(t, cosine, dot(batch[i], batch[j]), 1e-4, "texts %d and %d", i, j)
		}
	}
}

// embed gives the sentence embeddings of texts in one padded batch, each of length 1.
func embed(t *testing.T, b *peft.Backbone, tok tokenizer.Tokenizer, texts []string, maxLength int) [][]float32 {
	t.Helper()
	rows, err := tok.EncodeBatch(texts, nil, &tokenizer.Options{
		Truncation: &tokenizer.Truncation{MaxLength: maxLength}, Padding: &tokenizer.Padding{Strategy: tokenizer.PadLongest},
	})
	require.NoError(t, err)
	var ids, mask []int32
	for _, row := range rows {
		ids, mask = append(ids, row.IDs...), append(mask, row.AttentionMask...)
	}
	out, err := b.Forward(t.Context(), peft.Tensors{
		"input_ids":      tensors.FromFlatDataAndDimensions(ids, len(rows), rows[0].Len()),
		"attention_mask": tensors.FromFlatDataAndDimensions(mask, len(rows), rows[0].Len()),
	})
	require.NoError(t, err)
	flat, err := tensors.CopyFlatData[float32](out["mean_embedding"])
	require.NoError(t, err)
	width := len(flat) / len(rows)
	var all [][]float32
	for i := range rows {
		one := flat[i*width : (i+1)*width]
		length := math.Sqrt(dot(one, one))
		for j := range one {
			one[j] /= float32(length)
		}
		all = append(all, one)
	}
	return all
}

func dot(a, b []float32) (sum float64) {
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// padded is a row of so many values, the last of them 0.
func padded(values []int32, length int) *peft.Tensor {
	flat := make([]int32, length)
	copy(flat, values)
	return tensors.FromFlatDataAndDimensions(flat, 1, length)
}

// near compares the first values with the reference's, as the fixtures ask.
func near(t *testing.T, want []float64, got []float32) {
	t.Helper()
	require.NotEmpty(t, want)
	for i, w := range want {
		require.InDelta(t, w, got[i], 1e-4+1e-4*math.Abs(w), "value %d", i)
	}
}
