package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

var (
	// ErrUnknown: the name given to Open is not that of an engine.
	ErrUnknown = errors.New("unknown engine")

	// ErrNoXLA: an XLA engine was asked for in a program built without cgo, or for a system
	// that XLA is not offered on.
	ErrNoXLA = errors.New("XLA is not in this build: rebuild with CGO_ENABLED=1 on Linux or macOS")

	// ErrNoPlugin: the PJRT plugin of an XLA engine is not installed, or can't be loaded.
	// The error that wraps it is a *PluginError.
	ErrNoPlugin = errors.New("no such PJRT plugin")
)

// installHint is how a user gets a plugin; the command belongs to go-xla.
const installHint = "install one with `go run github.com/gomlx/go-xla/cmd/pjrt_installer@latest`, " +
	"or name the folder that holds pjrt_c_api_NAME_plugin.so in " + pluginPathEnv

// PluginError tells why a PJRT plugin could not be used. It matches ErrNoPlugin.
type PluginError struct {
	Plugin string   // the name or path asked for
	Looked []string // folders searched, in order; empty when a path was given
	Found  []string // names of the plugins that are there, sorted
	Err    error    // what loading said; nil when no file was found
}

// Error names the plugin, where it was looked for and how to install it, on one line.
func (e *PluginError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "engine: PJRT plugin %q ", e.Plugin)
	switch {
	case e.Err != nil:
		fmt.Fprintf(&b, "can't be loaded: %s", oneLine(e.Err.Error()))
	case len(e.Looked) > 0:
		fmt.Fprintf(&b, "not found in %s", strings.Join(e.Looked, ", "))
	default:
		b.WriteString("not found: no folder to look in")
	}
	if len(e.Found) > 0 {
		fmt.Fprintf(&b, " (found there: %s)", strings.Join(e.Found, ", "))
	}
	if e.Err == nil || errors.Is(e.Err, fs.ErrNotExist) {
		b.WriteString("; ")
		b.WriteString(installHint)
	}
	return b.String()
}

// Unwrap makes errors.Is match ErrNoPlugin and the error of loading.
func (e *PluginError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrNoPlugin}
	}
	return []error{ErrNoPlugin, e.Err}
}

// oneLine joins the lines of a message, so that an error stays one line of a log.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
