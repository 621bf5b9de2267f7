package peft

import (
	"strings"

	"github.com/gopeft/gopeft/internal/names"
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
