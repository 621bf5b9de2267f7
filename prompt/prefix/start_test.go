package prefix_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/prefix"
)

// Values start like torch's: embeddings normal with deviation 1, linear maps and their biases uniform in ±1/sqrt(in).
// "zero" makes a prefix of zeros, by the last map where there is a projection.
func TestFirstValues(t *testing.T) {
	const inner, outer = "prompt_encoder.transform.0", "prompt_encoder.transform.2"
	uniform := func(in float64) float64 { return 1 / math.Sqrt(3*in) }
	for _, c := range []struct {
		projection bool
		init       string
		deviations map[string]float64
	}{
		{false, "", map[string]float64{"prompt_embeddings": 1}},
		{false, "zero", map[string]float64{"prompt_embeddings": 0}},
		{true, "", map[string]float64{
			prompt.Embedding: 1, inner + ".weight": uniform(8), inner + ".bias": uniform(8),
			outer + ".weight": uniform(300), outer + ".bias": uniform(300),
		}},
		{true, "zero", map[string]float64{
			prompt.Embedding: 1, inner + ".weight": uniform(8), inner + ".bias": uniform(8), outer + ".weight": 0, outer + ".bias": 0,
		}},
	} {
		b, err := pefttest.Tiny()
		require.NoError(t, err)
		a, err := peft.Attach(b, "a", &prefix.Config{
			Virtual: prompt.Virtual{Tokens: 200}, Projection: c.projection, EncoderHidden: 300, Init: c.init,
		})
		require.NoError(t, err)
		ad, err := a.Adapter("a")
		require.NoError(t, err)
		values := ad.Values()
		require.Len(t, values, len(c.deviations))
		for key, want := range c.deviations {
			flat := tensors.MustCopyFlatData[float32](values[key])
			square := 0.0
			for _, x := range flat {
				square += float64(x) * float64(x)
			}
			got := math.Sqrt(square / float64(len(flat)))
			require.InDelta(t, want, got, 3*want/math.Sqrt(float64(len(flat))), "%s, %q", key, c.init)
			if key != prompt.Embedding && c.projection {
				require.LessOrEqual(t, float64(max(slices.Max(flat), -slices.Min(flat))), math.Sqrt(3)*want)
			}
		}
	}
}
