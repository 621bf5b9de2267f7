package safetensors

import (
	"errors"
	"strings"
)

var (
	// ErrFormat is matched by every error about a file that breaks the format.
	// The error itself is a [*FormatError].
	ErrFormat = errors.New("malformed safetensors file")
	// ErrDType is matched by errors about a dtype that can't be read, written
	// or converted.
	ErrDType = errors.New("unsupported dtype")
	// ErrNotFound is matched by errors about a name that a file doesn't hold.
	ErrNotFound = errors.New("no such tensor")
	// ErrClosed is returned when a closed file is asked for data.
	ErrClosed = errors.New("file is closed")
)

// FormatError says where and how a file breaks the format. It matches
// [ErrFormat] under errors.Is.
type FormatError struct {
	Path   string // the file; empty when read from bytes or a reader
	Tensor string // the tensor; empty when the fault isn't in one
	Reason string // what is wrong
	Err    error  // the cause, or nil
}

// Error implements error.
func (e *FormatError) Error() string {
	text := "safetensors: " + label(e.Path, e.Tensor) + ": " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Is reports whether target is [ErrFormat].
func (e *FormatError) Is(target error) bool { return target == ErrFormat }

// Unwrap returns the cause, or nil.
func (e *FormatError) Unwrap() error { return e.Err }

// label names a file and a tensor in it, as far as they are known.
func label(path, tensor string) string {
	if path == "" {
		path = "(unnamed file)"
	}
	if tensor != "" {
		path += ": tensor " + quote(tensor)
	}
	return path
}

// quote quotes a name that may come from a hostile header: at most 200 bytes of
// it go into a message.
func quote(name string) string {
	const most = 200
	if len(name) <= most {
		return quoteJSON(name)
	}
	return quoteJSON(strings.ToValidUTF8(name[:most], "")) + "..."
}
