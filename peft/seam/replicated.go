package seam

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Replicator is implemented by configs of adapters that act on a backbone with another list of blocks, as LoRA's
// layer_replication makes it: some blocks stand there several times, others not at all, and all share the frozen values of the
// backbone's own. Package peft then plans the adapter for that backbone, and runs it there.
type Replicator interface {
	// Replicated lists the backbone's block that each block of the other one is, given how many there are. It is nil for the
	// backbone as it is. Errors match ErrConfig.
	Replicated(layers int) ([]int, error)
}

// LayerList gives the path of the list of blocks, such as "model.layers". A backbone that has none, or several, is an error
// that matches ErrUnsupported.
func (f *Frozen) LayerList() (string, error) {
	list := ""
	for _, s := range f.list {
		if s.Layer < 0 {
			continue
		}
		before, _, ok := strings.Cut(s.Path+".", "."+strconv.Itoa(s.Layer)+".") // a block's own path ends there
		if !ok || s.Stack != "" || list != "" && before != list {
			return "", fmt.Errorf("%w: another list of blocks for a %s, which has not one list of them", ErrUnsupported, f.info.ModelType)
		}
		list = before
	}
	if list == "" {
		return "", fmt.Errorf("%w: another list of blocks for a %s, which has none", ErrUnsupported, f.info.ModelType)
	}
	return list, nil
}

// Replicated gives the model m, which has another list of blocks, with the values of f: source maps the path of each of m's
// values to that of f's which it shares.
func (f *Frozen) Replicated(m Model, source map[string]string) *Frozen {
	values, tied, first := Tensors{}, map[string]string{}, map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(source)) {
		values[path] = f.values[source[path]]
	}
	for _, path := range slices.Sorted(maps.Keys(source)) {
		if same, ok := f.tied[path]; ok && source[path] == path && source[same] == same {
			tied[path] = same
			continue
		}
		if one, ok := first[source[path]]; ok {
			tied[path] = one
		} else {
			first[source[path]] = path
		}
	}
	return index(m, values, tied)
}

// Untied lists the paths of values that were one with others and are no more, sorted.
func (f *Frozen) Untied() []string {
	var out []string
	for _, path := range slices.Sorted(maps.Keys(f.tied)) {
		if f.values[path] != f.values[f.tied[path]] {
			out = append(out, path)
		}
	}
	return out
}
