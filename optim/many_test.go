package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"

	"github.com/gopeft/gopeft/optim"
)

// TestTorchMany follows torch over several tensors of rank 1, 2 and 3, with settings beside the defaults and with
// its own clip_grad_norm_. testdata/gen/many.py made the numbers.
func TestTorchMany(t *testing.T) {
	raw, err := os.ReadFile("testdata/many.json")
	require.NoError(t, err)
	var file struct {
		Shapes               map[string][]int
		Start, Least, Weight map[string][]float64
		Cases                []struct {
			Name    string
			Args    json.RawMessage
			MaxNorm float64 `json:"max_norm"`
			Norms   []float64
			Path    []map[string][]float64
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.Len(t, file.Cases, 12)
	names := []string{"bias", "matrix", "stack"}
	shaped := func(name string, x []float64) *tensors.Tensor {
		flat := make([]float32, len(x))
		for i, v := range x {
			flat[i] = float32(v)
		}
		return tensors.FromFlatDataAndDimensions(flat, file.Shapes[name]...)
	}
	for _, c := range file.Cases {
		t.Run(c.Name+string(c.Args), func(t *testing.T) {
			o := optimizers[c.Name](read(t, c.Args))
			require.NoError(t, o.Validate())
			var values []*tensors.Tensor
			for _, name := range names {
				values = append(values, shaped(name, file.Start[name]))
			}
			r := start(t, optim.Chain{optim.ClipNorm{Max: c.MaxNorm}, o.Transform()}, names, values...)
			for step, norm := range c.Norms {
				var grads []*tensors.Tensor
				for i, name := range names {
					grad := widen(r.flat(i))
					floats.Sub(grad, file.Least[name])
					floats.Mul(grad, file.Weight[name])
					grads = append(grads, shaped(name, grad))
				}
				require.InEpsilon(t, norm, r.apply(o.Rate(), grads...), 1e-6, "norm at step %d", step+1)
				if step%2 == 0 {
					continue
				}
				for i, name := range names {
					want := c.Path[step/2][name]
					tolerance := 1e-6 * floats.Norm(want, math.Inf(1))
					require.InDeltaSlice(t, want, widen(r.flat(i)), tolerance, "%s after step %d", name, step+1)
				}
			}
		})
	}
}
