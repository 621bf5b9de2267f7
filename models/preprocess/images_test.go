package preprocess_test

import (
	"encoding/json"
	"image"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models/preprocess"
)

// imageCase is what transformers made of images under a config; the large ones are kept in part.
type imageCase struct {
	Config json.RawMessage
	Images []string
	Stride int
}

func golden(t testing.TB, path string) func(name string) *tensors.Tensor {
	t.Helper()
	file, err := safetensors.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, file.Close()) })
	return func(name string) *tensors.Tensor {
		got, err := file.Tensor(name)
		require.NoError(t, err)
		return got
	}
}

func readAll(t testing.TB, names ...string) []image.Image {
	t.Helper()
	out := make([]image.Image, len(names))
	for i, name := range names {
		var err error
		out[i], err = preprocess.ReadImage(filepath.Join("testdata", "images", name))
		require.NoError(t, err)
	}
	return out
}

// From PNGs the pixels are transformers' own, but for the rounding of float32; from JPEGs, which two libraries decode,
// within one grey level.
func TestImageGoldens(t *testing.T) {
	raw, err := os.ReadFile("testdata/images/cases.json")
	require.NoError(t, err)
	var cases []imageCase
	require.NoError(t, json.Unmarshal(raw, &cases))
	require.Greater(t, len(cases), 40)
	want := golden(t, "testdata/images/pixel_values.safetensors")
	for i, c := range cases {
		p, err := preprocess.ParseImages(c.Config)
		require.NoError(t, err, "case %d", i)
		out, err := p.Process(readAll(t, c.Images...)...)
		require.NoError(t, err, "case %d", i)
		within := 2e-6
		if strings.Contains(strings.Join(c.Images, " "), ".jpg") {
			within = level(t, c.Config)
		}
		compare(t, "case "+strconv.Itoa(i)+" "+string(c.Config), want(strconv.Itoa(i)), out["pixel_values"], max(c.Stride, 1), within)
	}
}

// level is how much one grey level can come to.
func level(t *testing.T, config []byte) float64 {
	var c struct {
		Rescale *bool     `json:"do_rescale"`
		Std     []float64 `json:"image_std"`
	}
	require.NoError(t, json.Unmarshal(config, &c))
	if c.Rescale != nil {
		return 1.001
	}
	return 1.001 / 255 / 0.25
}

func compare(t *testing.T, what string, want, got *tensors.Tensor, stride int, within float64) {
	t.Helper()
	w, g := want.Shape().Dimensions, got.Shape().Dimensions
	require.Equal(t, w[:2], g[:2], what)
	require.Equal(t, w[2:], []int{(g[2] + stride - 1) / stride, (g[3] + stride - 1) / stride}, what)
	wanted, gotten := tensors.MustCopyFlatData[float32](want), tensors.MustCopyFlatData[float32](got)
	worst := 0.0
	i := 0
	for plane := range g[0] * g[1] {
		for y := 0; y < g[2]; y += stride {
			for x := 0; x < g[3]; x += stride {
				v := gotten[(plane*g[2]+y)*g[3]+x]
				worst = max(worst, math.Abs(float64(v-wanted[i]))/(1+math.Abs(float64(wanted[i]))))
				i++
			}
		}
	}
	require.LessOrEqual(t, worst, within, what)
}
