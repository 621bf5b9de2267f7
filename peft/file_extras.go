package peft

import (
	"math"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// extra is a tensor of an adapter's file that the adapter does not compute with, kept so that it can be written
// again.
type extra struct {
	key   string
	of    string  // the key of the adapter's value that it repeats, where it does
	value *Tensor // what it holds, where it does not
}

// addExtras adds to the tensors of an adapter's file those that HF PEFT writes too and the adapter does not compute
// with.
func (a *Adapter) addExtras(values Tensors) {
	defer a.addEmbeddings(values)
	for _, e := range a.extras {
		if e.value != nil {
			values[e.key] = e.value
		} else if t := values[e.of]; t != nil {
			values[e.key] = t
		}
	}
}

// repeated gives the key of the value that a key of HF PEFT's file repeats, or "": the same value under the name of a
// wrapper, or under that of a module which shares its weight with the one the value is kept under.
func (a *Adapter) repeated(key string, planned []string) string {
	if path, kind := a.backbone.frozenKey(key); path != "" {
		if of := modelPrefix + path; kind == keyCopy && slices.Contains(planned, of) {
			return of
		}
		return ""
	}
	rest, _ := strings.CutPrefix(key, modelPrefix)
	for end := strings.LastIndex(rest, "."); end > 0; end = strings.LastIndex(rest[:end], ".") {
		owner, tied := a.backbone.origin.Tied[rest[:end]+".weight"]
		if of := modelPrefix + strings.TrimSuffix(owner, ".weight") + rest[end:]; tied && slices.Contains(planned, of) {
			return of
		}
	}
	return ""
}

// takeRepeated notes a tensor that repeats another. A difference between the two is an error.
func (a *Adapter) takeRepeated(path string, file *safetensors.File, name, key, of string) error {
	own, err := readFloats(path, file, name)
	if err != nil {
		return err
	}
	for _, other := range file.Names() {
		if a.fullKey(a.backbone.withoutAlias(other)) != of {
			continue
		}
		values, err := readFloats(path, file, other)
		if err != nil {
			return err
		}
		if !slices.EqualFunc(own, values, sameFloat) {
			return &TensorError{Path: path, Tensor: name, Reason: "differs from " + other + ", which it repeats"}
		}
	}
	a.extras = append(a.extras, extra{key: key, of: of})
	return nil
}

// sameFloat has a NaN equal itself: that a value is one is no difference.
func sameFloat(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) || a == b }

// addEmbeddings adds the model's embeddings to an adapter's file where its vocabulary was resized, tied ones once.
func (a *Adapter) addEmbeddings(values Tensors) {
	if !a.backbone.origin.NewTokens {
		return
	}
	there, frozen := map[string]bool{}, map[string]bool{}
	for key := range values {
		path, _ := a.backbone.frozenKey(key)
		there[path] = true
		trained := func(p seam.Param) bool { return p.Saved != "" && p.FileKey() == key }
		if !slices.ContainsFunc(a.plan.Params, trained) { // which says nothing of what is tied to it
			frozen[a.backbone.owner(path)] = true
		}
	}
	for _, s := range a.backbone.net.Sites() {
		if s.Kind == seam.Embedding && s.In == a.backbone.Info().Vocab {
			s.Path, _ = names.CutLast(a.backbone.owner(s.Path + ".weight"))
		} else if !s.OutputEmbedding {
			continue
		}
		for _, name := range []string{"weight", "bias"} {
			path := s.Path + "." + name
			if t := a.backbone.net.Value(path); t != nil && !there[path] && !frozen[a.backbone.owner(path)] {
				values[modelPrefix+s.Path+a.wrapper(s.Path)+"."+name] = t
				there[path], frozen[a.backbone.owner(path)] = true, true
			}
		}
	}
}

// wrapper is what HF PEFT puts between a module that an adapter acts on and the one inside.
func (a *Adapter) wrapper(module string) string {
	owner, _ := names.CutLast(a.backbone.owner(module + ".weight"))
	rows := func(p seam.Param) bool { return p.Site == owner && strings.HasPrefix(p.Name, "token_adapter.") }
	switch {
	case slices.ContainsFunc(a.plan.Params, rows):
		return ".token_adapter.base_layer"
	case slices.Contains(a.plan.Sites, module):
		return ".base_layer"
	}
	return ""
}

// owner gives the path under which a value is kept that has several: the path itself where it is not tied.
func (b *Backbone) owner(path string) string {
	if same, tied := b.origin.Tied[path]; tied && b.net.Value(path) == b.net.Value(same) {
		return same
	}
	return path
}
