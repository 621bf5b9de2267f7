package data

import (
	"errors"
	"fmt"
)

// The errors of this package by their cause, to be tested with errors.Is. Other errors are those of reading a file.
var (
	// ErrEmpty means that there are no examples.
	ErrEmpty = errors.New("no examples")
	// ErrFormat means that a file, or a text in it, is not what it should be.
	ErrFormat = errors.New("malformed data")
	// ErrLabel means that the task can't use a label.
	ErrLabel = errors.New("unusable label")
	// ErrOption means that a setting can't be used; the message names the field.
	ErrOption = errors.New("bad option")
)

// ExampleError says what is wrong with one example, and where it stands. It matches what Err matches: [ErrFormat] or
// [ErrLabel], or an error of the tokenizer.
type ExampleError struct {
	// Place is a [Position] as text ("train.jsonl:12", "train.json: element 11"); for an example that was not read from a
	// file it is its index in the list, counted from 0 ("example 3").
	Place string
	Field string // the key in the file, or "label"; "" if the fault is not in one field
	Err   error  // what is wrong
}

// Error implements error.
func (e *ExampleError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("%s: %v", e.Place, e.Err)
	}
	return fmt.Sprintf("%s: field %q: %v", e.Place, e.Field, e.Err)
}

// Unwrap gives Err.
func (e *ExampleError) Unwrap() error { return e.Err }

// faultf is a fault of one of the sentinels.
func faultf(sentinel error, format string, args ...any) error {
	return fmt.Errorf("%w: %s", sentinel, fmt.Sprintf(format, args...))
}
