package metric_test

import (
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/metric"
)

// jiwer computed both rates of these texts.
func TestTokenErrorsAreJiwers(t *testing.T) {
	said := []string{"The cat sat on the mat.", "There is a dog in the garden!", "It's 3.5 degrees, isn't it?", "Fine-tuning adapts models"}
	read := []string{"the cat is on the mat", "There is a dog in garden.", "It is 3.5 degrees isn't it", "Fine tuning adapts large models"}
	for what, c := range map[string]struct {
		split func(string) []string
		want  float64
	}{
		"words":      {strings.Fields, 0.5714285714285714},
		"characters": {func(s string) []string { return strings.Split(s, "") }, 0.20192307692307693},
	} {
		ids := map[string]int32{"": 0} // 0 is the blank
		numbered := func(texts []string) *tensors.Tensor {
			rows := make([][]int32, len(texts))
			for i, text := range texts {
				rows[i] = make([]int32, 40)
				for j := range rows[i] {
					rows[i][j] = data.IgnoreIndex
				}
				for j, part := range c.split(text) {
					if _, ok := ids[part]; !ok {
						ids[part] = int32(len(ids))
					}
					rows[i][j] = ids[part]
				}
				rows[i][39] = 0
			}
			return tensors.FromValue(rows)
		}
		outputs := map[string]*tensors.Tensor{"tokens": numbered(append(read, "only fills the batch"))}
		batch := map[string]*tensors.Tensor{"labels": numbered(append(said, "what"))}
		m := &metric.TokenErrors{}
		require.NoError(t, m.Add(outputs, batch, len(said)))
		value, err := m.Value()
		require.NoError(t, err)
		require.InDelta(t, c.want, value, 1e-12, what)
	}
}

func TestTokenErrorsOfBadInput(t *testing.T) {
	m := &metric.TokenErrors{Blank: 3}
	batch := map[string]*tensors.Tensor{"labels": tensors.FromValue([][]int32{{3, 3}})}
	require.ErrorIs(t, m.Add(nil, batch, 1), metric.ErrInput)
	require.ErrorIs(t, m.Add(map[string]*tensors.Tensor{"tokens": tensors.FromValue([]int32{1})}, batch, 1), metric.ErrInput)
	require.ErrorIs(t, m.Add(map[string]*tensors.Tensor{"tokens": tensors.FromValue([][]float32{{1}})}, batch, 1), metric.ErrInput)
	require.NoError(t, m.Add(map[string]*tensors.Tensor{"tokens": tensors.FromValue([][]int32{{1}})}, batch, 1))
	_, err := m.Value()
	require.ErrorIs(t, err, metric.ErrNoExamples, "no token was said")
	require.True(t, m.Better(0.1, 0.2))
}
