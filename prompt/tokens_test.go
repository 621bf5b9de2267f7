package prompt_test

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// HF PEFT can't give tokens behind a prompt their labels. Here the loss is the mean of -log softmax over the labelled
// tokens, which stand in the last columns.
func TestLabelledTokens(t *testing.T) {
	b, err := models.Random([]byte(`{"model_type":"bert","architectures":["BertForTokenClassification"],"num_labels":3,
		"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":16,"vocab_size":30}`), models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	cfg := &tuning.Config{Virtual: prompt.Virtual{Tokens: 2}}
	cfg.TaskType = "TOKEN_CLS"
	a, err := peft.Attach(b, "p", cfg)
	require.NoError(t, err)
	labels := [][]int32{{2, 0, -100}, {1, 1, 2}}
	out, err := a.Forward(t.Context(), a.All(), peft.Tensors{
		"input_ids": tensors.FromValue([][]int32{{1, 2, 3}, {4, 5, 6}}), "labels": tensors.FromValue(labels),
	})
	require.NoError(t, err)
	logits := out["logits"].Value().([][][]float32)
	require.Len(t, logits[0], 2+3)
	sum, count := 0.0, 0.0
	for i, row := range labels {
		for j, label := range row {
			if label < 0 {
				continue
			}
			total := 0.0
			for _, x := range logits[i][2+j] {
				total += math.Exp(float64(x))
			}
			sum, count = sum+math.Log(total)-float64(logits[i][2+j][label]), count+1
		}
	}
	require.InDelta(t, sum/count, tensors.ToScalar[float32](out["loss"]), 1e-5)
}
