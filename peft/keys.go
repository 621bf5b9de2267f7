package peft

import (
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
)

// keyKind says what a tensor of an adapter's file is to the frozen value that its key names.
type keyKind int

const (
	keyPlain  keyKind = iota // what an adapter trained or, where it trained another value or none there, the frozen value
	keyFrozen                // the frozen value that an adapter was trained on
	keyCopy                  // once more what it trained
)

// modelPrefix stands before the paths of modules in the keys of an adapter's file.
const modelPrefix = "base_model.model."

// wrappers are the names that HF PEFT's modules give the ones inside them.
var wrappers = []struct {
	name string
	kind keyKind
}{
	{".token_adapter.base_layer", keyFrozen}, {".base_layer", keyFrozen}, {".original_module", keyFrozen},
	{".modules_to_save.default", keyCopy}, {".modules_to_save", keyCopy},
}

// frozenKey gives the path of the frozen value that a key of an adapter's file means, "" where it means none.
func (b *Backbone) frozenKey(key string) (path string, kind keyKind) {
	key = b.withoutAlias(key)
	for _, prefix := range []string{modelPrefix, "base_model.", ""} {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		module, name := names.CutLast(rest)
		for _, w := range wrappers {
			if inner, ok := strings.CutSuffix(module, w.name); ok {
				module, kind = inner, w.kind
				break
			}
		}
		if path := module + "." + name; b.net.Value(path) != nil {
			return path, kind
		}
		kind = keyPlain
	}
	return "", keyPlain
}

// extra is a tensor that HF PEFT writes beside what an adapter computes with, and that is written again.
type extra struct {
	key   string
	of    string  // the key of the value that it repeats, or
	value *Tensor // what it holds
}

// addExtras gives an adapter's file what HF PEFT writes beside.
func (a *Adapter) addExtras(values Tensors) {
	for _, e := range a.extras {
		if e.value != nil {
			values[e.key] = e.value
		} else if t := values[e.of]; t != nil {
			values[e.key] = t
		}
	}
}

// repeated gives the key of the value of the adapter that a key of HF PEFT's stands for once more: under the name of a
// wrapper, or under that of a module which shares its weight with the one that the value is kept under.
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

// takeRepeated notes a tensor that repeats another, which it must equal.
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
		if !slices.Equal(own, values) {
			return &TensorError{Path: path, Tensor: name, Reason: "differs from " + other + ", which it repeats"}
		}
	}
	a.extras = append(a.extras, extra{key: key, of: of})
	return nil
}
