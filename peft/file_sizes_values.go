package peft

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// values gives the model's values that have another size, by path, as the file has them. A value that the file lacks
// is that of the one it is tied to; a buffer, such as a bias of logits that is no parameter, is 0 for new tokens.
func (f *fitting) values(next *seam.Resized) (Tensors, error) {
	b, out, read := f.backbone, Tensors{}, Tensors{}
	for _, path := range b.net.Paths() {
		shape := next.Shapes[path]
		old, _ := b.net.Shape(path)
		if shape == nil || slices.Equal(old, shape) {
			continue
		}
		name := f.brought[path]
		for _, twin := range b.tiedTo(path) {
			if name == "" {
				name = f.brought[twin]
			}
		}
		var err error
		switch {
		case name != "" && read[name] == nil:
			read[name], err = f.read(name, shape)
			out[path] = read[name]
		case name != "":
			out[path] = read[name]
		case slices.Contains(b.origin.Buffers, path):
			out[path], err = cutOrPad(b.net.Value(path), shape)
		default:
			err = f.missing(path, next)
		}
		if err != nil {
			return nil, err
		}
	}
	for path, same := range b.origin.Tied {
		if t, of := out[path], out[same]; t != nil && of != nil && t.Equal(of) {
			out[path] = of
		}
	}
	return out, nil
}

func (f *fitting) missing(path string, next *seam.Resized) error {
	own, that := f.backbone.Info(), next.Model.Info()
	return &TensorError{Path: f.path, Tensor: path, Reason: fmt.Sprintf("is missing: the adapter was trained with %s, this backbone has %s and so another shape of it",
		counted(that.Vocab, len(that.Classes)), counted(own.Vocab, len(own.Classes)))}
}

// read reads a value, in half precision where the file has it so, else in float32.
func (f *fitting) read(name string, shape []int) (*Tensor, error) {
	info, _ := f.file.Info(name)
	if !slices.Equal(info.Shape, shape) {
		return nil, &TensorError{Path: f.path, Tensor: name, Reason: fmt.Sprintf("has shape %v, want %v", info.Shape, shape)}
	}
	dtype := info.DType
	if dtype != dtypes.BFloat16 && dtype != dtypes.Float16 {
		dtype = dtypes.Float32
	}
	t, err := f.file.TensorAs(name, dtype)
	if err != nil {
		return nil, &TensorError{Path: f.path, Tensor: name, Reason: err.Error()}
	}
	return t, nil
}

// cutOrPad brings the last axis of a value to another length, with 0 for what is new.
func cutOrPad(t *Tensor, shape []int) (*Tensor, error) {
	flat, err := safetensors.Floats(t)
	if err != nil {
		return nil, err
	}
	old, width, out := t.Shape().Dimensions, shape[len(shape)-1], []float32(nil)
	for row := range slices.Chunk(flat, old[len(old)-1]) {
		row = slices.Clone(row[:min(len(row), width)])
		out = append(out, append(row, make([]float32, width-len(row))...)...)
	}
	return tensors.FromFlatDataAndDimensions(out, shape...), nil
}
