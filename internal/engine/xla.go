//go:build cgo && (linux || darwin)

package engine

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	goxla "github.com/gomlx/go-xla/compute/xla"
)

// openXLA loads the plugin and makes a client of it. It hands go-xla a path, never a name: for
// a name go-xla first tries to download plugins.
func openXLA(s spec) (compute.Backend, error) {
	path, err := findPlugin(s.plugin)
	if err != nil {
		return nil, err
	}
	config := strings.Join(append([]string{path}, withDefaults(s.options, path)...), ",")
	backend, err := goxla.New(config)
	if err != nil {
		return nil, &PluginError{Plugin: s.plugin, Err: err}
	}
	return backend, nil
}

// withDefaults says what go-xla would otherwise decide by itself, unless the user did.
func withDefaults(options []string, path string) []string {
	// Tensors and the plugin share memory on a CPU only. go-xla guesses it from the whole path, where a folder's name
	// could mislead it.
	cpu := strings.Contains(strings.ToLower(filepath.Base(path)), "cpu")
	options = withDefault(options, "shared_buffers", strconv.FormatBool(cpu))
	// TF32 keeps ten bits of a float32's mantissa in matrix products on a GPU: three digits, in silence. torch has it
	// off, go-xla on.
	return withDefault(options, "tf32", "false")
}

func withDefault(options []string, name, value string) []string {
	for _, option := range options {
		if strings.Contains(option, name) {
			return options
		}
	}
	return append(options[:len(options):len(options)], name+"="+value)
}
