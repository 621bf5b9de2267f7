package peft

import (
	"strings"

	"github.com/gopeft/gopeft/internal/names"
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
