package preprocess_test

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/preprocess"
)

func TestBadConfigs(t *testing.T) {
	for says, config := range map[string]string{
		`image_processor_type: "DonutImageProcessor"`: `{"image_processor_type":"DonutImageProcessor"}`,
		"image_processor_type: is missing":            `{"size":224}`,
		"do_flip: is not supported":                   `{"image_processor_type":"ViTImageProcessor","do_flip":true}`,
		"do_pad":                                      `{"image_processor_type":"ViTImageProcessor","do_pad":true}`,
		"use_square_size":                             `{"image_processor_type":"CLIPImageProcessor","use_square_size":true}`,
		"data_format":                                 `{"image_processor_type":"ViTImageProcessor","data_format":"channels_last"}`,
		"crop_pct: is not supported":                  `{"image_processor_type":"ViTImageProcessor","crop_pct":0.9}`,
		"crop_pct: must":                              `{"image_processor_type":"ConvNextImageProcessor","crop_pct":0}`,
		"size: must be the shortest":                  `{"image_processor_type":"ConvNextImageProcessor","size":[224,224]}`,
		"size: want a shortest_edge":                  `{"image_processor_type":"ViTImageProcessor","size":{"height":224}}`,
		"size: want a number":                         `{"image_processor_type":"ViTImageProcessor","size":{"shortest_edge":224,"longest_edge":448}}`,
		"in 1..16384":                                 `{"image_processor_type":"ViTImageProcessor","size":100000}`,
		"crop_size: want":                             `{"image_processor_type":"CLIPImageProcessor","crop_size":"large"}`,
		"crop_size: must":                             `{"image_processor_type":"CLIPImageProcessor","crop_size":{"shortest_edge":3}}`,
		"resample: 9":                                 `{"image_processor_type":"ViTImageProcessor","resample":9}`,
		"resample: want":                              `{"image_processor_type":"ViTImageProcessor","resample":"bicubic"}`,
		"image_mean":                                  `{"image_processor_type":"ViTImageProcessor","image_mean":[1,2]}`,
		"image_std: must be positive":                 `{"image_processor_type":"ViTImageProcessor","image_std":[1,2,0]}`,
		"want a bool":                                 `{"image_processor_type":"ViTImageProcessor","do_resize":"yes"}`,
		"unexpected end":                              `{`,
	} {
		_, err := preprocess.ParseImages([]byte(config))
		require.ErrorIs(t, err, preprocess.ErrConfig, config)
		require.ErrorContains(t, err, says)
	}
	for says, config := range map[string]string{
		`feature_extractor_type: "WhisperFeatureExtractor"`: `{"feature_extractor_type":"WhisperFeatureExtractor"}`,
		"feature_extractor_type":                            `{}`,
		"feature_size":                                      `{"sampling_rate":16000,"feature_size":80}`,
		"padding_side":                                      `{"sampling_rate":16000,"padding_side":"left"}`,
		"sampling_rate":                                     `{"feature_extractor_type":"Wav2Vec2FeatureExtractor","sampling_rate":-1}`,
		"n_fft: is not supported":                           `{"sampling_rate":16000,"n_fft":400}`,
	} {
		_, err := preprocess.ParseAudio([]byte(config))
		require.ErrorIs(t, err, preprocess.ErrConfig, config)
		require.ErrorContains(t, err, says)
	}
	dir := folder(t, map[string]string{"preprocessor_config.json": `{"image_processor_type":"Wav2Vec2FeatureExtractor"}`})
	_, err := preprocess.LoadImages(dir)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, `"Wav2Vec2FeatureExtractor" is not supported (known: BitImageProcessor, CLIPImageProcessor,`)
	_, err = preprocess.LoadAudio(folder(t, map[string]string{"preprocessor_config.json": `[]`}))
	require.ErrorIs(t, err, preprocess.ErrConfig)
	_, err = preprocess.LoadImages(t.TempDir())
	require.ErrorIs(t, err, preprocess.ErrConfig)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "preprocessor_config.json")
}

// What no config made is an error, not a panic.
func TestNothing(t *testing.T) {
	for _, p := range []*preprocess.ImageProcessor{nil, {}} {
		_, err := p.Process(image.NewGray(image.Rect(0, 0, 2, 2)))
		require.ErrorIs(t, err, preprocess.ErrImage)
	}
	for _, e := range []*preprocess.FeatureExtractor{nil, {}} {
		_, err := e.Process(preprocess.Sound{Rate: 8000, Channels: [][]float32{{1}}})
		require.ErrorIs(t, err, preprocess.ErrAudio)
	}
}

func TestBadImages(t *testing.T) {
	plain, err := preprocess.ParseImages([]byte(`{"image_processor_type":"ViTImageProcessor"}`))
	require.NoError(t, err)
	whole, err := preprocess.ParseImages([]byte(`{"image_processor_type":"CLIPImageProcessor","do_center_crop":false}`))
	require.NoError(t, err)
	long, err := preprocess.ParseImages([]byte(`{"image_processor_type":"CLIPImageProcessor","size":16384,"do_center_crop":false}`))
	require.NoError(t, err)
	rgb := readAll(t, "wide.png", "tall.png")
	for says, c := range map[string]struct {
		p      *preprocess.ImageProcessor
		images []image.Image
	}{
		"there are none":                      {plain, nil},
		"image 1: bad image: is nil":          {plain, []image.Image{rgb[0], nil}},
		"has 1 channel, image_mean has 3":     {plain, readAll(t, "grey.png")},
		"has an alpha channel":                {plain, readAll(t, "rgba.png")},
		"has a palette":                       {plain, readAll(t, "palette.png")},
		"grey levels of 16 bits":              {whole, []image.Image{image.NewGray16(image.Rect(0, 0, 2, 2))}},
		"CMYK":                                {whole, []image.Image{image.NewCMYK(image.Rect(0, 0, 2, 2))}},
		"has no pixels":                       {whole, []image.Image{image.NewGray(image.Rect(3, 3, 3, 9))}},
		"image 1: bad image: becomes 3 x 690": {whole, rgb},
		"more than 268435456 pixels":          {long, rgb[:1]},
	} {
		_, err := c.p.Process(c.images...)
		require.ErrorIs(t, err, preprocess.ErrImage, says)
		require.ErrorContains(t, err, says)
	}
}

func TestBadImageFiles(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 9))))
	huge := bytes.Clone(b.Bytes())
	copy(huge[16:], []byte{0, 0x7f, 0xff, 0xff, 0, 0x7f, 0xff, 0xff})
	for what, raw := range map[string][]byte{"cut off": b.Bytes()[:b.Len()-20], "empty": nil, "text": []byte("GIF89a"), "huge": huge} {
		path := filepath.Join(t.TempDir(), "x.png")
		require.NoError(t, os.WriteFile(path, raw, 0o644))
		_, err := preprocess.ReadImage(path)
		require.ErrorIs(t, err, preprocess.ErrImage, what)
		require.ErrorContains(t, err, path)
	}
	_, err := preprocess.ReadImage(filepath.Join(t.TempDir(), "none.png"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestBadSounds(t *testing.T) {
	e, err := preprocess.ParseAudio([]byte(`{"feature_extractor_type":"Wav2Vec2FeatureExtractor"}`))
	require.NoError(t, err)
	good := preprocess.Sound{Rate: 16000, Channels: [][]float32{{0.5, -0.5}}}
	for says, sounds := range map[string][]preprocess.Sound{
		"there are no sounds":                nil,
		"sound 1: bad audio: holds no":       {good, {}},
		"sound 0: bad audio: holds no":       {{Rate: 16000, Channels: [][]float32{{}}}},
		"channel 1 has 1 samples":            {{Rate: 16000, Channels: [][]float32{{1, 2}, {1}}}},
		"sample 1 of channel 0 is NaN":       {{Rate: 16000, Channels: [][]float32{{1, float32(math.NaN())}}}},
		"rates 0 and 16000 Hz":               {{Channels: [][]float32{{1}}}},
		"sound 0: bad audio: 200000 samples": {{Rate: 1, Channels: [][]float32{make([]float32, 200000)}}},
	} {
		_, err := e.Process(sounds...)
		require.ErrorIs(t, err, preprocess.ErrAudio, says)
		require.ErrorContains(t, err, says)
	}
}

func TestBadWAVs(t *testing.T) {
	whole, err := os.ReadFile("testdata/audio/s16.wav")
	require.NoError(t, err)
	change := func(at int, b ...byte) []byte {
		out := bytes.Clone(whole)
		copy(out[at:], b)
		return out
	}
	for says, raw := range map[string][]byte{
		"no WAV":                               []byte("OggS, not RIFF"),
		`chunk "data" has 92 of 282 bytes`:     whole[:136],
		"it has no samples":                    whole[:36],
		`chunk "fmt " has 4 of 16`:             whole[:24],
		"samples before their format":          append(bytes.Clone(whole[:12]), whole[36:]...),
		"encoding 6":                           change(20, 6),
		"samples of 12 bits":                   change(34, 12),
		"has no channels":                      change(22, 0, 0),
		"has 0 samples a second":               change(24, 0, 0, 0, 0),
		"frames of 4 bytes":                    change(32, 4),
		"are no whole number of frames":        append(change(40, 27, 0)[:44], whole[44:71]...),
		"holds no samples":                     change(40, 0, 0, 0, 0),
		"its format has 8 of 16 bytes":         append(append(bytes.Clone(whole[:16]), 8, 0, 0, 0), whole[20:28]...),
		"its extensible format has 16 of 40 b": change(20, 0xfe, 0xff),
	} {
		_, err := preprocess.DecodeWAV(bytes.NewReader(raw))
		require.ErrorIs(t, err, preprocess.ErrAudio, says)
		require.ErrorContains(t, err, says)
	}
	piped, err := preprocess.DecodeWAV(bytes.NewReader(change(40, 255, 255, 255, 255)))
	require.NoError(t, err)
	require.Len(t, piped.Channels[0], 141)
}

// Any bytes give a sound of channels of one length or one of our errors, and no panic.
func FuzzWAV(f *testing.F) {
	files, err := filepath.Glob("testdata/audio/*.wav")
	require.NoError(f, err)
	for _, path := range files {
		raw, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := preprocess.DecodeWAV(bytes.NewReader(raw))
		if err != nil {
			require.ErrorIs(t, err, preprocess.ErrAudio)
			return
		}
		require.Positive(t, s.Rate)
		require.NotEmpty(t, s.Channels[0])
		if _, err := s.Mono(); err != nil {
			require.ErrorIs(t, err, preprocess.ErrAudio) // a float that is none
		}
	})
}
