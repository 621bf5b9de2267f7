package data

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// Fields are the keys of a line's object. The zero value reads "text" and "label".
type Fields struct {
	Text  string // "" means "text"
	Pair  string // "" means that there is no second text
	Label string // "" means "label"; "-" that there are no labels
	// Unlabelled lets a line lack the label's key: its example has no label.
	Unlabelled bool
}

func (f Fields) withDefaults() Fields {
	if f.Text == "" {
		f.Text = "text"
	}
	if f.Label == "" {
		f.Label = "label"
	}
	return f
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// ReadJSONL reads a file of JSON lines: an object on each, whose further keys are ignored. Texts are strings; a label
// is a string or a number, and one written without fraction and exponent is an integer. Blank lines, a byte order
// mark and CRLF are allowed; lines may have any length.
//
// What is wrong with a line (no JSON object, a field that is missing, of another type or given twice, bytes that are
// not UTF-8, half a surrogate pair) is an [*ExampleError] that matches [ErrFormat]. A file without a single example
// is [ErrEmpty].
func ReadJSONL(path string, f Fields) ([]Example, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readJSONL(file, path, f.withDefaults())
}

func readJSONL(r io.Reader, path string, f Fields) ([]Example, error) {
	var examples []Example
	in := bufio.NewReaderSize(r, 1<<16)
	for number := 1; ; number++ {
		line, readErr := in.ReadBytes('\n')
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return nil, fmt.Errorf("%s:%d: %w", path, number, readErr)
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			pos := Position{Path: path, Line: number}
			ex, field, err := f.parse(line)
			if err != nil {
				return nil, &ExampleError{Place: pos.String(), Field: field, Err: err}
			}
			ex.Pos = pos
			examples = append(examples, ex)
		}
		if readErr != nil {
			break
		}
	}
	if len(examples) == 0 {
		return nil, fmt.Errorf("%s: %w", path, ErrEmpty)
	}
	return examples, nil
}
