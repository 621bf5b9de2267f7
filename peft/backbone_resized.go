package peft

import (
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// resize gives the backbone with an architecture and values of another size; all other values are shared.
func (b *Backbone) resize(model seam.Model, config []byte, values Tensors) *Backbone {
	out := &Backbone{net: b.net.Resized(model, values), rt: b.rt, origin: b.origin, base: b, life: b.life}
	out.origin.Config, out.origin.Replicated = config, nil
	out.sizes = fmt.Sprintf(";%d tokens, %d classes", out.Info().Vocab, len(out.Info().Classes))
	out.noteUntied()
	return out
}

// resizeAs gives the backbone in the sizes of another one, with that one's values where the sizes differ.
func (b *Backbone) resizeAs(other *Backbone) (*Backbone, error) {
	values := Tensors{}
	for _, path := range b.resizedPaths(other) {
		t, dtype := other.net.Value(path), b.net.Value(path).DType()
		if t.DType() != dtype {
			var err error
			if t, err = safetensors.Convert(t, dtype); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
		}
		values[path] = t
	}
	for path, same := range b.origin.Tied {
		if values[path] != nil && other.net.Value(path) == other.net.Value(same) {
			values[path] = values[same]
		}
	}
	return b.resize(other.net.Model(), other.origin.Config, values), nil
}

// resizedPaths lists the values that have another shape in another backbone of the architecture.
func (b *Backbone) resizedPaths(other *Backbone) []string {
	return slices.DeleteFunc(b.net.Paths(), func(path string) bool {
		old, _ := b.net.Shape(path)
		shape, _ := other.net.Shape(path)
		return slices.Equal(old, shape)
	})
}

// isSized reports whether the backbone has as many tokens and classes as another.
func (b *Backbone) isSized(other *Backbone) bool {
	return b.Info().Vocab == other.Info().Vocab && len(b.Info().Classes) == len(other.Info().Classes)
}
