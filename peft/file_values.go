package peft

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// readValues reads the adapter's values from its file, by file key. Those of embeddings were read before, by
// ownEmbeddings.
func (a *Adapter) readValues(path string, file *safetensors.File, embeddings map[string][]float32, lenient bool) (map[string][]float32, error) {
	byKey := map[string]string{} // our key to the file's
	for _, n := range file.Names() {
		key := a.fullKey(a.backbone.withoutAlias(n))
		if other, ok := byKey[key]; ok {
			return nil, &TensorError{Path: path, Tensor: n, Reason: "is the same value as " + other}
		}
		byKey[key] = n
	}
	out := map[string][]float32{}
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		if p.Const != nil {
			continue
		}
		key := p.FileKey()
		if values := embeddings[key]; values != nil {
			out[key] = values
			continue
		}
		name, ok := byKey[key]
		if !ok {
			if lenient || p.Optional || p.Moving && p.Saved == "" { // HF PEFT's file has none
				continue
			}
			return nil, &TensorError{Path: path, Tensor: key, Reason: "is missing" + nearKeys(key, file.Names())}
		}
		delete(byKey, key)
		info, _ := file.Info(name)
		if !slices.Equal(info.Shape, p.Shape) {
			return nil, &TensorError{Path: path, Tensor: name, Reason: fmt.Sprintf("has shape %v, this backbone and config want %v", info.Shape, p.Shape)}
		}
		if p.IsWhole() {
			t, err := file.Tensor(name)
			if err == nil {
				out[key], err = p.FromFile(t)
			}
			if err != nil {
				return nil, &TensorError{Path: path, Tensor: name, Reason: err.Error()}
			}
			continue
		}
		var err error
		if out[key], err = readFloats(path, file, name); err != nil {
			return nil, err
		}
		if i := notFinite(out[key]); i >= 0 && !lenient {
			return nil, &TensorError{Path: path, Tensor: name, Reason: fmt.Sprintf("its number %d is %v (Lenient allows it)", i, out[key][i])}
		}
	}
	for key, name := range byKey {
		if _, known := embeddings[key]; !known && !lenient && !a.redundant(key) {
			return nil, &TensorError{Path: path, Tensor: name, Reason: "belongs to nothing in this backbone and config" + nearKeys(key, a.fileKeysPlanned())}
		}
	}
	return out, nil
}

// readFloats reads a tensor of a file in float32, row by row.
func readFloats(path string, file *safetensors.File, name string) ([]float32, error) {
	t, err := file.TensorAs(name, dtypes.Float32)
	if err != nil {
		return nil, err
	}
	flat, err := safetensors.Floats(t)
	if err != nil {
		return nil, &TensorError{Path: path, Tensor: name, Reason: err.Error()}
	}
	return flat, nil
}

// notFinite gives the place of the first number that is NaN or infinite, -1 where there is none.
func notFinite(values []float32) int {
	return slices.IndexFunc(values, func(v float32) bool { return v-v != 0 })
}
