package data

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// elements reads the objects of an array, one after the other, so that the file need not be in memory as a whole.
func (f Fields) elements(in *bufio.Reader, path string) ([]Example, error) {
	dec := json.NewDecoder(in)
	if _, err := dec.Token(); err != nil { // the bracket that begin saw
		return nil, unread(path, err)
	}
	var examples []Example
	for dec.More() {
		pos := Position{Path: path, Element: len(examples)}
		var element json.RawMessage
		if err := dec.Decode(&element); err != nil {
			return nil, unread(pos.String(), err)
		}
		ex, field, err := f.parse(element, "element")
		if err != nil {
			return nil, &ExampleError{Place: pos.String(), Field: field, Err: err}
		}
		ex.Pos = pos
		examples = append(examples, ex)
	}
	if _, err := dec.Token(); err != nil {
		return nil, unread(Position{Path: path, Element: len(examples)}.String(), err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &ExampleError{Place: path, Err: faultf(ErrFormat, "something follows the array")}
	}
	return examples, nil
}

// unread is an error of reading on, at a place.
func unread(place string, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &ExampleError{Place: place, Err: notJSON(err, "file")}
	}
	return fmt.Errorf("%s: %w", place, err)
}
