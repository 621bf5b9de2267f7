package predict_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// A Dense module maps the pooled vector: its weights are in its folder.
func TestDense(t *testing.T) {
	golden.OnGo(t)
	dense := [2]string{"2_Dense", "Dense"}
	files := map[string]string{
		"modules.json": modules(pool, dense, unit), "1_Pooling/config.json": `{"pooling_mode_mean_tokens": true}`,
		"2_Dense/config.json": `{"in_features": 16, "out_features": 2, "bias": true, "activation_function": "torch.nn.modules.activation.Tanh"}`,
	}
	a := open(t, bert("BertModel", ""), "wordpiece", files)
	weight, bias := make([]float32, 32), []float32{0.5, -0.25}
	for i := range weight {
		weight[i] = float32(i%5) - 2
	}
	path := filepath.Join(a.Backbone().Origin().Dir, "2_Dense", "model.safetensors")
	write := func(width int) {
		os.Remove(path)
		require.NoError(t, peft.WriteTensors(path, peft.Tensors{
			"linear.weight": tensors.FromFlatDataAndDimensions(weight[:2*width], 2, width), "linear.bias": tensors.FromFlatDataAndDimensions(bias, 2),
		}))
	}
	write(16)
	embed := func() ([][]float32, error) {
		p, err := predict.New(a, predict.Options{})
		require.NoError(t, err)
		return p.Embeddings(t.Context(), peft.Base(), texts)
	}
	got, err := embed()
	require.NoError(t, err)
	for i, text := range texts {
		x := mean(statesOf(t, a, peft.Base(), text, 0), false)
		var y [2]float64
		for k := range y {
			y[k] = float64(bias[k])
			for j, v := range x {
				y[k] += v * float64(weight[16*k+j])
			}
			y[k] = math.Tanh(y[k])
		}
		length := math.Hypot(y[0], y[1])
		near(t, []float64{y[0] / length, y[1] / length}, got[i])
	}
	write(8)
	_, err = embed()
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "[2 8]")
	require.NoError(t, os.Remove(path))
	_, err = embed()
	require.ErrorIs(t, err, predict.ErrModel)
	require.ErrorContains(t, err, path)
}
