package waveft

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/peft/seam"
)

// At targets of odd widths, and such as are smaller than the filter, the update is HF PEFT's.
func TestUpdates(t *testing.T) {
	raw, err := os.ReadFile("testdata/updates.json")
	require.NoError(t, err)
	var cases []struct {
		Rows, Columns, N int
		Wave             string
		Update           []float32
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	e, err := engine.Open("")
	require.NoError(t, err)
	defer e.Close()
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d x %d, %s", c.Rows, c.Columns, c.Wave), func(t *testing.T) {
			seed := int64(c.N)
			built, err := (&Config{NFrequency: c.N, WaveletFamily: c.Wave, RandomLocSeed: &seed}).Method()
			require.NoError(t, err)
			m := built.(*method)
			values := make([]float32, c.N)
			for i := range values {
				values[i] = 2 * float32(i+1)
			}
			places := tensors.FromFlatDataAndDimensions(m.places(seam.Site{Out: c.Rows, In: c.Columns}, c.N), c.N, 2)
			got, err := graph.CallOnce(e.Backend(), func(values, places *graph.Node) *graph.Node {
				x := graph.Scatter(places, values, shapes.Make(dtypes.Float32, m.wave.Size(c.Rows), m.wave.Size(c.Columns)), false, true)
				each := func(_ string, build func() *graph.Node) *graph.Node { return build() }
				return m.wave.Inverse2(each, x, c.Rows, c.Columns)
			}, values, places)
			require.NoError(t, err)
			require.InDeltaSlice(t, c.Update, tensors.MustCopyFlatData[float32](got), 2e-5)
		})
	}
}
