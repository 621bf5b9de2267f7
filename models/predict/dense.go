package predict

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
)

// activations of a Dense module, by torch's names of their classes.
var activations = map[string]func(float64) float64{
	"torch.nn.modules.linear.Identity":    func(x float64) float64 { return x },
	"torch.nn.modules.activation.Tanh":    math.Tanh,
	"torch.nn.modules.activation.Sigmoid": sigmoid,
	"torch.nn.modules.activation.ReLU":    func(x float64) float64 { return max(x, 0) },
	"torch.nn.modules.activation.GELU":    func(x float64) float64 { return x * 0.5 * (1 + math.Erf(x/math.Sqrt2)) },
}

// readDense reads a Dense module: a linear map and what follows it.
func readDense(dir string) (func([]float64) ([]float64, error), error) {
	config, weights := filepath.Join(dir, "config.json"), filepath.Join(dir, "model.safetensors")
	c := struct {
		In         int     `json:"in_features"`
		Out        int     `json:"out_features"`
		Bias       *bool   `json:"bias"`
		Activation *string `json:"activation_function"`
		From       *string `json:"module_input_name"`
		To         *string `json:"module_output_name"`
	}{}
	ok, err := readJSON(config, &c)
	if err != nil {
		return nil, err
	}
	if !ok || c.In < 1 || c.Out < 1 {
		return nil, fmt.Errorf("%w: %s: in_features and out_features are missing", ErrModel, config)
	}
	name := "torch.nn.modules.activation.Tanh"
	if c.Activation != nil {
		name = *c.Activation
	}
	act, known := activations[name]
	if !known {
		return nil, fmt.Errorf("%s: %w", config, &peft.UnsupportedError{Option: "activation_function", Value: name})
	}
	for option, value := range map[string]*string{"module_input_name": c.From, "module_output_name": c.To} {
		if value != nil && *value != "sentence_embedding" {
			return nil, fmt.Errorf("%s: %w", config, &peft.UnsupportedError{Option: option, Value: *value})
		}
	}
	if _, err := os.Stat(weights); err != nil {
		return nil, fmt.Errorf("%w: a Dense module's weights: %w", ErrModel, err)
	}
	values, err := peft.ReadTensors(weights)
	if err != nil {
		return nil, err
	}
	weight, err := floatsOf(weights, values, "linear.weight", c.Out, c.In)
	if err != nil {
		return nil, err
	}
	bias := make([]float32, c.Out)
	if c.Bias == nil || *c.Bias {
		if bias, err = floatsOf(weights, values, "linear.bias", c.Out); err != nil {
			return nil, err
		}
	}
	return func(x []float64) ([]float64, error) {
		if len(x) != c.In {
			return nil, fmt.Errorf("%w: %s: in_features is %d, but the embedding has %d values", ErrModel, config, c.In, len(x))
		}
		out := make([]float64, c.Out)
		for i := range out {
			sum := float64(bias[i])
			for j, w := range weight[i*c.In : (i+1)*c.In] {
				sum += float64(w) * x[j]
			}
			out[i] = act(sum)
		}
		return out, nil
	}, nil
}

// floatsOf gives a tensor of a file, of some shape.
func floatsOf(path string, values peft.Tensors, key string, shape ...int) ([]float32, error) {
	t := values[key]
	if t == nil {
		return nil, &peft.TensorError{Path: path, Tensor: key, Reason: "is missing"}
	}
	if !slices.Equal(t.Shape().Dimensions, shape) {
		return nil, &peft.TensorError{Path: path, Tensor: key, Reason: fmt.Sprintf("has shape %v, want %v", t.Shape().Dimensions, shape)}
	}
	wide, err := safetensors.Convert(t, dtypes.Float32)
	var flat []float32
	if err == nil {
		flat, err = tensors.CopyFlatData[float32](wide)
	}
	if err != nil {
		return nil, &peft.TensorError{Path: path, Tensor: key, Reason: err.Error()}
	}
	return flat, nil
}
