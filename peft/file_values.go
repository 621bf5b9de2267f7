package peft

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"

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
	}
	if err := a.readTwins(path, file, byKey, out); err != nil {
		return nil, err
	}
	for key, name := range byKey {
		if _, known := embeddings[key]; !known && !lenient && !a.redundant(key) {
			return nil, &TensorError{Path: path, Tensor: name, Reason: "belongs to nothing in this backbone and config" + nearKeys(key, a.fileKeysPlanned())}
		}
	}
	return out, nil
}

// readTwins holds what a file has of values at their second places against the first; it takes them from the names that are left.
func (a *Adapter) readTwins(path string, file *safetensors.File, left map[string]string, values map[string][]float32) error {
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		if p.Twin == nil || left[p.Twin.Key] == "" || values[p.FileKey()] == nil {
			continue
		}
		name := left[p.Twin.Key]
		delete(left, p.Twin.Key)
		want, err := p.Twin.LaidOut(tensors.FromFlatDataAndDimensions(values[p.FileKey()], p.Shape...))
		if err != nil {
			return err
		}
		got, err := readFloats(path, file, name)
		if err != nil {
			return err
		}
		if info, _ := file.Info(name); !slices.Equal(info.Shape, want.Shape().Dimensions) || !slices.Equal(got, tensors.MustCopyFlatData[float32](want)) {
			return &TensorError{Path: path, Tensor: name, Reason: "differs from " + p.FileKey() + ", with which it is one (ensure_weight_tying)"}
		}
	}
	return nil
}

// addTwins adds values to a file at their second places.
func (a *Adapter) addTwins(values Tensors) error {
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		if t := values[p.FileKey()]; t != nil && p.Twin != nil && p.Twin.Key != "" {
			var err error
			if values[p.Twin.Key], err = p.Twin.LaidOut(t); err != nil {
				return err
			}
		}
	}
	return nil
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

// checkFinite refuses a file with a tensor that is not finite, whatever it stands for.
func checkFinite(path string, file *safetensors.File) error {
	for _, name := range file.Names() {
		at, value, err := file.NotFinite(name)
		if err != nil {
			return &TensorError{Path: path, Tensor: name, Reason: err.Error()}
		}
		if at >= 0 {
			return notFinite(path, name, at, value)
		}
	}
	return nil
}
