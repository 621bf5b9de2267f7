package peft

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// ownEmbeddings reads the model's own embeddings where an adapter's file has them too, as HF PEFT writes them beside
// an adapter that acts on them or after the vocabulary was resized (save_embedding_layers there). Those that equal
// the backbone's are left out here, and again when the adapter is saved. Others act with the adapter, as in HF PEFT,
// and don't train. Where they have another size, the adapter's backbone has them already; see fitted. The result has
// the values by key; nil is a tensor that is known and needs no value.
func (a *Adapter) ownEmbeddings(path string, file *safetensors.File) (map[string][]float32, error) {
	planned, out := a.fileKeysPlanned(), map[string][]float32{}
	beside := map[string]string{} // the names of tensors by the paths of the frozen values that they are
	for _, name := range file.Names() {
		key := a.fullKey(a.backbone.withoutAlias(name))
		if slices.Contains(planned, key) {
			continue
		}
		if of := a.repeated(key, planned); of != "" {
			if err := a.takeRepeated(path, file, name, key, of); err != nil {
				return nil, err
			}
			out[key] = nil
		} else if at := a.besideOf(key, planned); at != "" {
			if other, twice := beside[at]; twice {
				return nil, &TensorError{Path: path, Tensor: name, Reason: "is the same value as " + other}
			}
			beside[at] = name
		}
	}
	for _, at := range slices.Sorted(maps.Keys(beside)) {
		key := a.fullKey(a.backbone.withoutAlias(beside[at]))
		values, err := a.takeBeside(path, file, at, beside)
		if err != nil {
			return nil, err
		}
		if out[key] = values; values == nil {
			continue
		}
		if slices.Contains(planned, modelPrefix+at) { // the adapter has trained another value there
			own := a.backbone.net.Value(at).Shape().Dimensions
			a.extras, out[key] = append(a.extras, extra{key: key, value: tensors.FromFlatDataAndDimensions(values, own...)}), nil
			continue
		}
		a.plan.Params = append(a.plan.Params, a.replacement(at, key))
		for _, twin := range a.backbone.tiedTo(at) { // one value to HF PEFT
			if beside[twin] == "" {
				p := a.replacement(twin, "")
				p.Const = values
				a.plan.Params = append(a.plan.Params, p)
			}
		}
	}
	return out, nil
}

// takeBeside reads a value of the model from the adapter's file. It gives nil where the value is the backbone's.
func (a *Adapter) takeBeside(path string, file *safetensors.File, at string, beside map[string]string) ([]float32, error) {
	name, own := beside[at], a.backbone.net.Value(at)
	info, _ := file.Info(name)
	if !slices.Equal(info.Shape, own.Shape().Dimensions) {
		return nil, &TensorError{Path: path, Tensor: name, Reason: fmt.Sprintf("has shape %v, this backbone's %s has %v", info.Shape, at, own.Shape().Dimensions)}
	}
	if slices.Contains(a.ownSized, at) {
		a.extras = append(a.extras, extra{key: a.fullKey(a.backbone.withoutAlias(name)), value: own})
		return nil, nil
	}
	values, err := readFloats(path, file, name)
	if err != nil {
		return nil, err
	}
	before, err := safetensors.Floats(own)
	if err != nil || slices.EqualFunc(values, before, sameFloat) {
		return nil, err
	}
	return values, nil
}

// replacement describes a value that takes the place of a frozen one and does not train.
func (a *Adapter) replacement(path, key string) seam.Param {
	module, name := names.CutLast(path)
	return seam.Param{
		Site: module, Name: name, Key: key, Shape: slices.Clone(a.backbone.net.Value(path).Shape().Dimensions),
		Replaces: path, InPlace: true, Frozen: true,
	}
}

// besideOf gives the path of the model's value that a key of the adapter's file means: an embedding of the input or
// the output, or a value that has another size in the adapter's backbone. It gives "" for all other keys.
func (a *Adapter) besideOf(key string, planned []string) string {
	at, kind := a.backbone.frozenKey(key)
	if at == "" || kind == keyCopy || strings.Contains(key, ".original_module.") && !slices.Contains(planned, modelPrefix+at) {
		return ""
	}
	if slices.Contains(a.ownSized, at) || slices.ContainsFunc(append(a.backbone.tiedTo(at), at), a.backbone.isEmbedding) {
		return at
	}
	return ""
}

// isEmbedding reports whether the value at a path belongs to an embedding of the input or the output.
func (b *Backbone) isEmbedding(path string) bool {
	module, _ := names.CutLast(path)
	s, ok := b.net.Site(module)
	return ok && (s.Kind == seam.Embedding || s.OutputEmbedding)
}

// tiedTo lists the other paths under which the model has the same value.
func (b *Backbone) tiedTo(path string) []string {
	var out []string
	for other, t := range b.Values() {
		if other != path && t == b.net.Value(path) {
			out = append(out, other)
		}
	}
	slices.Sort(out)
	return out
}
