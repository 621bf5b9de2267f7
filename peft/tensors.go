package peft

import "github.com/gopeft/gopeft/internal/safetensors"

// ReadTensors reads every tensor of a safetensors file.
func ReadTensors(path string) (Tensors, error) {
	file, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	out := Tensors{}
	for _, name := range file.Names() {
		if out[name], err = file.Tensor(name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// WriteTensors writes tensors to a safetensors file, as a whole or not at all.
func WriteTensors(path string, values Tensors) error { return safetensors.Write(path, values, nil) }

// SpeedHint tells how to make an engine faster where its build leaves speed behind, else it is empty.
func SpeedHint(e *Engine) string {
	if e.Name() != "go" || e.SIMD() {
		return ""
	}
	return "this build has no SIMD kernels: build with GOEXPERIMENT=simd to be several times faster, or use xla:cpu"
}
