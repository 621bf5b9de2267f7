package models

import (
	"strings"

	"github.com/gopeft/gopeft/models/arch"
)

// find looks a value up under its stored name and its path, with or without the family's prefix, and under older names:
// TensorFlow's for a norm's values, torch's for those of a weight norm.
func (r *reader) find(v arch.Value) (string, bool) {
	var names []string
	for _, path := range []string{v.Stored, v.Path} {
		if rest, ok := strings.CutPrefix(path, r.prefix+"."); ok {
			names = append(names, path, rest)
		} else if path != "" {
			names = append(names, path, r.prefix+"."+path)
		}
	}
	for _, n := range names {
		for _, old := range []string{
			n, swapEnd(n, ".weight", ".gamma"), swapEnd(n, ".bias", ".beta"),
			swapEnd(n, ".parametrizations.weight.original0", ".weight_g"), swapEnd(n, ".parametrizations.weight.original1", ".weight_v"),
		} {
			if _, ok := r.file.Info(old); ok {
				return old, true
			}
		}
	}
	return "", false
}

func swapEnd(s, from, to string) string {
	if rest, ok := strings.CutSuffix(s, from); ok {
		return rest + to
	}
	return s
}
