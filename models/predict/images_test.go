package predict_test

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// painted is an image in one colour with a brighter corner.
func painted(width, height int, shade uint8) image.Image {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			out.Set(x, y, color.RGBA{shade, uint8(x * 20), uint8(y * 30), 255})
		}
	}
	return out
}

// Images are classified in their order, decoded or in files.
func TestImages(t *testing.T) {
	a := open(t, `{"model_type": "vit", "architectures": ["ViTForImageClassification"], "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
		"intermediate_size": 24, "image_size": 8, "patch_size": 4`+three+`}`, "", map[string]string{
		"preprocessor_config.json": `{"image_processor_type": "ViTImageProcessor", "size": {"height": 8, "width": 8}}`,
	})
	images := predict.Images{painted(9, 7, 0), painted(20, 4, 200), painted(8, 8, 90), painted(5, 12, 255), painted(8, 8, 17)}
	processor, err := models.ImageProcessor(a.Backbone())
	require.NoError(t, err)
	p, err := predict.New(a, predict.Options{BatchSize: 2})
	require.NoError(t, err)
	got, err := p.Classes(t.Context(), peft.Base(), images)
	require.NoError(t, err)
	var files predict.ImageFiles
	for i, img := range images {
		in, err := processor.Process(img)
		require.NoError(t, err)
		out, err := a.Forward(t.Context(), peft.Base(), in)
		require.NoError(t, err)
		logits, err := tensors.CopyFlatData[float32](out["logits"])
		require.NoError(t, err)
		same(t, softmax(logits), got[i])
		path := filepath.Join(t.TempDir(), "image.png")
		f, err := os.Create(path)
		require.NoError(t, err)
		require.NoError(t, png.Encode(f, img))
		require.NoError(t, f.Close())
		files = append(files, path)
	}
	read, err := p.Classes(t.Context(), peft.Base(), files)
	require.NoError(t, err)
	require.Equal(t, got, read)

	_, err = p.Classes(t.Context(), peft.Base(), predict.ImageFiles{files[0], files[1], "absent.png"})
	require.ErrorContains(t, err, "input 2")
	require.ErrorContains(t, err, "absent.png")
	_, err = p.Classes(t.Context(), peft.Base(), predict.Images{nil})
	require.ErrorIs(t, err, peft.ErrInput)
	_, err = p.Classes(t.Context(), peft.Base(), predict.Texts(texts))
	require.ErrorContains(t, err, "want the head sequence-classification")
}

// Where the processor leaves images sizes of their own, those of a batch are of one size.
func TestImagesOfSeveralSizes(t *testing.T) {
	golden.OnGo(t)
	a := open(t, `{"model_type": "resnet", "architectures": ["ResNetForImageClassification"], "embedding_size": 4, "hidden_sizes": [4, 8], "depths": [1, 1],
		"layer_type": "basic"`+three+`}`, "", map[string]string{
		"preprocessor_config.json": `{"image_processor_type": "ViTImageProcessor", "do_resize": false}`,
	})
	images := predict.Images{painted(32, 40, 0), painted(40, 32, 200), painted(32, 40, 90)}
	processor, err := models.ImageProcessor(a.Backbone())
	require.NoError(t, err)
	p, err := predict.New(a, predict.Options{})
	require.NoError(t, err)
	got, err := p.Classes(t.Context(), peft.Base(), images)
	require.NoError(t, err)
	for i, img := range images {
		in, err := processor.Process(img)
		require.NoError(t, err)
		out, err := a.Forward(t.Context(), peft.Base(), in)
		require.NoError(t, err)
		logits, err := tensors.CopyFlatData[float32](out["logits"])
		require.NoError(t, err)
		same(t, softmax(logits), got[i])
	}
}
