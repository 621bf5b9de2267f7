package peft_test

import (
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// TestEmbeddingsInTheFile: embeddings written beside an adapter are no part of it where they are the backbone's, and act
// where they are others.
func TestEmbeddingsInTheFile(t *testing.T) {
	s := newScene(t)
	var words *peft.Tensor
	for path, v := range s.b.Values() {
		if path == "bert.embeddings.word_embeddings.weight" {
			words = v
		}
	}
	plain, err := s.LoadAs("plain", edited(t, "lora", nil, nil))
	require.NoError(t, err)
	same, err := s.LoadAs("same", edited(t, "lora", nil, func(v peft.Tensors) { v[wordsKey] = words }))
	require.NoError(t, err)
	require.Len(t, same.Params(), len(plain.Params()))
	s.same(s.logits(peft.Use("plain")), s.logits(peft.Use("same")))

	zeros := tensors.FromFlatDataAndDimensions(make([]float32, words.Size()), words.Shape().Dimensions...)
	other, err := s.LoadAs("other", edited(t, "lora", nil, func(v peft.Tensors) { v[wordsKey] = zeros }))
	require.NoError(t, err)
	require.NotEqual(t, s.logits(peft.Use("plain")), s.logits(peft.Use("other")))
	dir := filepath.Join(t.TempDir(), "saved")
	require.NoError(t, other.Save(dir))
	values, err := golden.ReadTensors(filepath.Join(dir, peft.WeightsFile))
	require.NoError(t, err)
	require.True(t, zeros.Equal(values[wordsKey]))
	_, err = s.LoadAs("again", dir)
	require.NoError(t, err)
	s.same(s.logits(peft.Use("other")), s.logits(peft.Use("again")))
}
