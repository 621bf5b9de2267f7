package data

import (
	"errors"
	"fmt"
)

// Errors by situation; what is returned wraps one of them, or is an error of reading a file.
var (
	// ErrEmpty is a set without examples.
	ErrEmpty = errors.New("no examples")
	// ErrFormat is a file that can't be read as what it should be.
	ErrFormat = errors.New("malformed data")
	// ErrLabel is a label that the task can't use.
	ErrLabel = errors.New("unusable label")
	// ErrOption is a setting that can't be used.
	ErrOption = errors.New("bad option")
)

// ExampleError says what is wrong with one example. It matches the sentinel that Err wraps.
type ExampleError struct {
	Place string // "train.jsonl:12", or "example 3", counted from 0, where no file is known
	Field string // as the file calls it; "" where the fault isn't in one
	Err   error
}

// Error implements error.
func (e *ExampleError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%s: %v", e.Place, e.Err)
	}
	return fmt.Sprintf("%s: field %q: %v", e.Place, e.Field, e.Err)
}

// Unwrap returns the fault without its place.
func (e *ExampleError) Unwrap() error { return e.Err }

// faultf is a fault of one of the sentinels.
func faultf(sentinel error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", sentinel, fmt.Sprintf(format, args...))
}
