package peft

import (
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/peft/seam"
)

// keyKind says how a tensor of an adapter's file is related to the model's value that its key names.
type keyKind int

const (
	keyPlain  keyKind = iota // the value that the adapter trained, or the model's own where it trained none there
	keyFrozen                // the model's value that the adapter was trained on
	keyCopy                  // a copy of the value that the adapter trained
)

// modelPrefix stands before the paths of modules in the keys of an adapter's file.
const modelPrefix = "base_model.model."

// wrappers are the names that HF PEFT adds to the path of a module that it wraps.
var wrappers = []struct {
	name string
	kind keyKind
}{
	{".token_adapter.base_layer", keyFrozen}, {".base_layer", keyFrozen}, {".original_module", keyFrozen},
	{".modules_to_save.default", keyCopy}, {".modules_to_save", keyCopy},
}

// frozenKey gives the path of the model's value that a key of an adapter's file names, "" where it names none.
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

// withoutAlias gives a file's key with the path of the module that it belongs to, where the file has another name for
// that.
func (b *Backbone) withoutAlias(key string) string {
	rest, cut := strings.CutPrefix(key, modelPrefix)
	for end := strings.LastIndex(rest, "."); end > 0; end = strings.LastIndex(rest[:end], ".") {
		if path, ok := b.net.PathOf(rest[:end]); ok {
			rest = path + rest[end:]
			break
		}
	}
	if cut {
		return modelPrefix + rest
	}
	return rest
}

// fullKey adds the prefix that files written without a PeftModel around the backbone lack.
func (a *Adapter) fullKey(name string) string {
	full := modelPrefix + name
	if !strings.HasPrefix(name, "base_model.") && slices.Contains(a.fileKeysPlanned(), full) {
		return full
	}
	return name
}

func (a *Adapter) fileKeysPlanned() []string {
	var out []string
	for i := range a.plan.Params {
		if p := &a.plan.Params[i]; p.Const == nil {
			out = append(out, p.FileKey())
			if p.Twin != nil && p.Twin.Key != "" {
				out = append(out, p.Twin.Key)
			}
		}
	}
	return out
}

// redundant reports whether a key of a file is known but no value of the adapter: copies of a value that sites share, the
// names of HF PEFT's wrappers for a saved module's values, and the numbers of batches that batch norms have seen.
func (a *Adapter) redundant(key string) bool {
	if m, ok := a.method.(seam.Ignorer); ok && m.Ignores(key) {
		return true
	}
	for i := range a.plan.Params {
		if slices.Contains(a.plan.Params[i].CopyKeys(), key) {
			return true
		}
	}
	return slices.ContainsFunc(a.wrappedBiases(), func(w wrappedBias) bool { return key == w.trained || key == w.original }) ||
		slices.ContainsFunc(a.extras, func(e extra) bool { return key == e.key }) ||
		slices.Contains(slices.Collect(maps.Keys(a.counts())), key)
}

func nearKeys(key string, have []string) string {
	if n := names.Near(key, have, 3); len(n) > 0 {
		return "; near: " + strings.Join(n, ", ")
	}
	return ""
}
