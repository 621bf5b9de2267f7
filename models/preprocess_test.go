package models_test

import (
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/preprocess"
)

// From the folder to the backbone: the processor's output is what CLIP's towers take, and a copy of the folder has the
// processor's config as well.
func TestPreprocessingOfBackbone(t *testing.T) {
	on := engine(t)
	made, err := models.Random(clip("CLIPModel", `,"vision_config":{`+clipVision+`,"num_channels":3}`), on)
	require.NoError(t, err)
	_, err = models.ImageProcessor(made)
	require.ErrorIs(t, err, models.ErrFolder)
	_, err = models.FeatureExtractor(made)
	require.ErrorIs(t, err, models.ErrFolder)

	dir, copied := t.TempDir(), t.TempDir()
	require.NoError(t, made.Save(dir))
	for name, text := range map[string]string{
		"processor_config.json":    `{"feature_extractor":{"feature_extractor_type":"Wav2Vec2FeatureExtractor"}}`,
		"preprocessor_config.json": `{"image_processor_type":"CLIPImageProcessor","size":4,"crop_size":4}`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	b, err := models.Load(dir, on)
	require.NoError(t, err)
	require.NoError(t, b.Save(copied))
	b, err = models.Load(copied, on)
	require.NoError(t, err)
	p, err := models.ImageProcessor(b)
	require.NoError(t, err)
	in, err := p.Process(image.NewGray(image.Rect(0, 0, 9, 7)), image.NewGray(image.Rect(0, 0, 5, 6)))
	require.NoError(t, err)
	out, err := b.Forward(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, []int{2, 5}, out["image_embeds"].Shape().Dimensions)

	e, err := models.FeatureExtractor(b)
	require.NoError(t, err)
	sound, err := e.Process(preprocess.Sound{Rate: 8000, Channels: [][]float32{{0, 1, 0}}})
	require.NoError(t, err)
	require.Equal(t, []int{1, 6}, sound["input_values"].Shape().Dimensions)
}
