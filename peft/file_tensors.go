package peft

import "github.com/gopeft/gopeft/internal/safetensors"

// ReadTensors reads all tensors of a safetensors file, in the types that it has them in. A file that is damaged, or is none,
// matches ErrTensor.
func ReadTensors(path string) (Tensors, error) {
	file, err := safetensors.Open(path)
	if err != nil {
		return nil, &also{err, ErrTensor}
	}
	defer file.Close()
	out := Tensors{}
	for _, name := range file.Names() {
		if out[name], err = file.Tensor(name); err != nil {
			return nil, &also{err, ErrTensor}
		}
	}
	return out, nil
}

// WriteTensors writes tensors to a safetensors file, as a whole or not at all. Equal tensors give equal bytes. One that is nil
// matches ErrTensor.
func WriteTensors(path string, values Tensors) error {
	for name, t := range values {
		if t == nil {
			return &TensorError{Path: path, Tensor: name, Reason: "is nil"}
		}
	}
	return safetensors.Write(path, values, nil)
}
