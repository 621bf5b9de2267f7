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
