package preprocess_test

import (
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/preprocess"
)

// A photo of 1600 x 1200 pixels to CLIP's 224 x 224.
func BenchmarkImage(b *testing.B) {
	p, err := preprocess.ParseImages([]byte(`{"image_processor_type":"CLIPImageProcessor"}`))
	require.NoError(b, err)
	opaque := image.NewRGBA(image.Rect(0, 0, 1600, 1200))
	for i := range opaque.Pix {
		opaque.Pix[i] = 255
	}
	for name, photo := range map[string]image.Image{
		"rgba":  opaque,
		"ycbcr": image.NewYCbCr(image.Rect(0, 0, 1600, 1200), image.YCbCrSubsampleRatio420),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := p.Process(photo)
				require.NoError(b, err)
			}
		})
	}
}

// Ten seconds at 44.1 kHz in stereo to 16 kHz.
func BenchmarkAudio(b *testing.B) {
	e, err := preprocess.ParseAudio([]byte(`{"sampling_rate":16000}`))
	require.NoError(b, err)
	s := preprocess.Sound{Rate: 44100, Channels: [][]float32{make([]float32, 441000), make([]float32, 441000)}}
	for b.Loop() {
		_, err := e.Process(s)
		require.NoError(b, err)
	}
}
