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
	config := strings.Join(append([]string{path}, withSharedBuffers(s.options, path)...), ",")
	backend, err := goxla.New(config)
	if err != nil {
		return nil, &PluginError{Plugin: s.plugin, Err: err}
	}
	return backend, nil
}

// withSharedBuffers decides whether tensors and the plugin share memory, which holds for a CPU
// only. go-xla guesses it from the whole path, where a folder's name could mislead it.
func withSharedBuffers(options []string, path string) []string {
	for _, option := range options {
		if strings.Contains(option, "shared_buffers") {
			return options
		}
	}
	cpu := strings.Contains(strings.ToLower(filepath.Base(path)), "cpu")
	return append(options[:len(options):len(options)], "shared_buffers="+strconv.FormatBool(cpu))
}
