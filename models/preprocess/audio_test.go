package preprocess_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/preprocess"
)

// audioCase is what Wav2Vec2FeatureExtractor made of files under a config.
type audioCase struct {
	Config json.RawMessage
	Files  []string
}

func readWAVs(t testing.TB, names ...string) []preprocess.Sound {
	t.Helper()
	out := make([]preprocess.Sound, len(names))
	for i, name := range names {
		var err error
		out[i], err = preprocess.ReadWAV(filepath.Join("testdata", "audio", name))
		require.NoError(t, err, name)
	}
	return out
}

// Every encoding gives soundfile's samples.
func TestWAVGoldens(t *testing.T) {
	want := golden(t, "testdata/audio/audio.safetensors")
	files, err := filepath.Glob("testdata/audio/*.wav")
	require.NoError(t, err)
	require.Len(t, files, 9)
	for _, path := range files {
		name := filepath.Base(path)
		s := readWAVs(t, name)[0]
		require.Equal(t, want("read."+name).Value(), s.Channels, name)
	}
	require.Equal(t, 44100, readWAVs(t, "s24stereo.wav")[0].Rate)
}

// Rates up and down, with and without common factors, as torchaudio changes them.
func TestResampleGoldens(t *testing.T) {
	want := golden(t, "testdata/audio/audio.safetensors")
	tone := tensors.MustCopyFlatData[float32](want("tone"))
	for _, r := range [][2]int{{44100, 16000}, {8000, 16000}, {16000, 8000}, {48000, 16000}, {22050, 16000}, {11025, 16000}, {7, 5}, {16000, 15999}, {96000, 441}} {
		got, err := preprocess.Resample(tone, r[0], r[1])
		require.NoError(t, err)
		name := fmt.Sprintf("rate.%d.%d", r[0], r[1])
		near(t, name, tensors.MustCopyFlatData[float32](want(name)), got, 1e-5)
	}
	same, err := preprocess.Resample(tone, 16000, 16000)
	require.NoError(t, err)
	require.Equal(t, tone, same)
}

func TestExtractorGoldens(t *testing.T) {
	raw, err := os.ReadFile("testdata/audio/cases.json")
	require.NoError(t, err)
	var cases []audioCase
	require.NoError(t, json.Unmarshal(raw, &cases))
	require.NotEmpty(t, cases)
	want := golden(t, "testdata/audio/audio.safetensors")
	for i, c := range cases {
		e, err := preprocess.ParseAudio(c.Config)
		require.NoError(t, err)
		out, err := e.Process(readWAVs(t, c.Files...)...)
		require.NoError(t, err)
		name := strconv.Itoa(i) + ".input_values"
		require.Equal(t, want(name).Shape().Dimensions, out["input_values"].Shape().Dimensions, "%s", c.Config)
		near(t, string(c.Config), tensors.MustCopyFlatData[float32](want(name)), tensors.MustCopyFlatData[float32](out["input_values"]), 1e-5)
		var config struct {
			Mask bool `json:"return_attention_mask"`
		}
		require.NoError(t, json.Unmarshal(c.Config, &config))
		require.Equal(t, config.Mask, out["attention_mask"] != nil)
		if config.Mask {
			require.Equal(t, want(strconv.Itoa(i)+".attention_mask").Value(), out["attention_mask"].Value())
		}
	}
}

func near(t *testing.T, what string, want, got []float32, within float64) {
	t.Helper()
	require.Len(t, got, len(want), what)
	worst := 0.0
	for i, w := range want {
		worst = max(worst, math.Abs(float64(w-got[i])))
	}
	require.LessOrEqual(t, worst, within, what)
}
