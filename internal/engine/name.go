package engine

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// kind tells the two families of engines apart.
type kind int

const (
	pureGo kind = iota
	xla
)

// spec is a parsed engine name.
type spec struct {
	kind    kind
	plugin  string   // xla: name or path of the plugin
	options []string // what follows, for the backend
}

// name is the canonical form, without options.
func (s spec) name() string {
	if s.kind == pureGo {
		return "go"
	}
	return "xla:" + s.plugin
}

// otherNames are names by which others call the engines.
var otherNames = map[string]string{
	"go": "go", "cpu": "xla:cpu", "xla-cpu": "xla:cpu", "cuda": "xla:cuda", "cuda:0": "xla:cuda", "gpu": "xla:cuda", "xla-cuda": "xla:cuda",
}

// parseName reads an engine's name; see the package comment for the forms.
func parseName(name string) (spec, error) {
	head, rest, _ := strings.Cut(name, ":")
	switch {
	case head == "go":
		return spec{kind: pureGo, options: splitOptions(rest)}, nil
	case head == "xla":
		parts := strings.Split(rest, ",")
		if parts[0] == "" {
			return spec{}, fmt.Errorf("engine: %w: %q names no plugin: want xla:cpu, xla:cuda or xla:/path/to/plugin.so", ErrUnknown, name)
		}
		return spec{kind: xla, plugin: parts[0], options: splitOptions(strings.Join(parts[1:], ","))}, nil
	case isPath(name):
		return spec{kind: xla, plugin: name}, nil
	}
	meant := ""
	if other, ok := otherNames[strings.ToLower(name)]; ok {
		meant = fmt.Sprintf(" (do you mean %q?)", other)
	}
	return spec{}, fmt.Errorf("engine: %w %q%s: want go, xla:cpu, xla:cuda or the path of a PJRT plugin", ErrUnknown, name, meant)
}

func splitOptions(s string) []string {
	return slices.DeleteFunc(strings.Split(s, ","), func(o string) bool { return o == "" })
}

// isPath reports whether a plugin is given by its file rather than by its name.
func isPath(s string) bool {
	return filepath.IsAbs(s) || strings.ContainsRune(s, filepath.Separator) ||
		slices.Contains([]string{".so", ".dylib"}, filepath.Ext(s))
}
