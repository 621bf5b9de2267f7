package peft

import "github.com/gopeft/gopeft/internal/safetensors"

// ReadTensors reads all tensors of a safetensors file, in the types that it has them in.
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

// WriteTensors writes tensors to a safetensors file, as a whole or not at all. Equal tensors give equal bytes.
func WriteTensors(path string, values Tensors) error { return safetensors.Write(path, values, nil) }
