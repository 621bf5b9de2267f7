package preprocess_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/preprocess"
)

// folder writes files by name.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

// The class is that of the config, under its older names as well, else the one that goes with the model.
func TestLoadImages(t *testing.T) {
	for _, files := range []map[string]string{
		{"preprocessor_config.json": `{"image_processor_type":"CLIPImageProcessor"}`},
		{"preprocessor_config.json": `{"image_processor_type":"CLIPImageProcessorFast","processor_class":"CLIPProcessor","pad_size":null,"max_length":null}`},
		{"preprocessor_config.json": `{"feature_extractor_type":"CLIPFeatureExtractor","size":224,"crop_size":224,"resample":3}`},
		{"preprocessor_config.json": `{"do_resize":true}`, "config.json": `{"model_type":"clip"}`},
		{"processor_config.json": `{"image_processor":{"image_processor_type":"CLIPImageProcessor"},"processor_class":"CLIPProcessor"}`},
		{"processor_config.json": `{"image_processor":{"image_processor_type":"CLIPImageProcessor"}}`, "preprocessor_config.json": `{"image_processor_type":"none"}`},
		{"processor_config.json": `{"processor_class":"CLIPProcessor"}`, "preprocessor_config.json": `{"image_processor_type":"CLIPImageProcessor"}`},
	} {
		p, err := preprocess.LoadImages(folder(t, files))
		require.NoError(t, err, files)
		want, err := preprocess.ParseImages([]byte(`{"image_processor_type":"CLIPImageProcessor"}`))
		require.NoError(t, err)
		require.Equal(t, want, p, files)
	}
}

func TestLoadAudio(t *testing.T) {
	for _, files := range []map[string]string{
		{"preprocessor_config.json": `{"feature_extractor_type":"Wav2Vec2FeatureExtractor","sampling_rate":8000}`},
		{"preprocessor_config.json": `{"do_normalize":true,"feature_size":1,"padding_side":"right","padding_value":0.0,"return_attention_mask":false,"sampling_rate":8000}`},
		{"processor_config.json": `{"feature_extractor":{"feature_extractor_type":"Wav2Vec2FeatureExtractor","sampling_rate":8000}}`},
	} {
		e, err := preprocess.LoadAudio(folder(t, files))
		require.NoError(t, err, files)
		require.Equal(t, 8000, e.Rate())
	}
}
