package data

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// Fields names the keys that hold the text and the label in a file's objects. The zero value reads "text" and "label".
type Fields struct {
	Text  string // key of the text; "" means "text"
	Pair  string // key of the second text of a pair; "" means that there is none
	Label string // key of the label; "" means "label", "-" that labels are not read
	// Unlabelled allows objects without the label's key: such an example has no label. Otherwise each needs one.
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

const byteOrderMark = "\xef\xbb\xbf"

// ReadJSONL reads examples from a file in JSON Lines format, one object per line, or from a file that is one JSON array of
// objects. What it is follows from the first character. Keys other than those of f are ignored.
//
// A text is a string. A label is a string (the name of a class), an integer (the index of a class, or a number for
// regression) or a number with a fraction or exponent (for regression only). A byte order mark is allowed, and in JSON
// Lines blank lines, CRLF and lines of any length.
//
// What is wrong with an example is an [*ExampleError] with the line, or the index of the array's element, and the field; it
// matches [ErrFormat]: not a JSON object, a field that is missing, of another type or given twice, bytes that are not UTF-8,
// half a surrogate pair. A file without a single example is [ErrEmpty]. A file that can't be opened or read is the error of
// package os.
func ReadJSONL(path string, f Fields) ([]Example, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	f = f.withDefaults()
	in := bufio.NewReaderSize(file, 1<<16)
	line, array, err := begin(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var examples []Example
	if array {
		examples, err = f.elements(in, path)
	} else {
		examples, err = f.lines(in, path, line)
	}
	if err != nil {
		return nil, err
	}
	if len(examples) == 0 {
		return nil, fmt.Errorf("%s: %w", path, ErrEmpty)
	}
	return examples, nil
}

// begin passes over a byte order mark and the white space in front of the first value. It gives the line where that stands,
// and whether it begins an array.
func begin(in *bufio.Reader) (line int, array bool, err error) {
	if mark, err := in.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		_, _ = in.Discard(len(byteOrderMark)) // what was peeked at is there
	}
	for line = 1; ; {
		c, err := in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return line, false, nil
		case err != nil:
			return line, false, err
		case c == '\n':
			line++
		case c != ' ' && c != '\t' && c != '\r':
			return line, c == '[', in.UnreadByte()
		}
	}
}

// lines reads an object from each line, the first of which has this number.
func (f Fields) lines(in *bufio.Reader, path string, number int) ([]Example, error) {
	var examples []Example
	for ; ; number++ {
		line, readErr := in.ReadBytes('\n')
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return nil, fmt.Errorf("%s:%d: %w", path, number, readErr)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			pos := Position{Path: path, Line: number}
			ex, field, err := f.parse(line, "line")
			if err != nil {
				return nil, &ExampleError{Place: pos.String(), Field: field, Err: err}
			}
			ex.Pos = pos
			examples = append(examples, ex)
		}
		if readErr != nil {
			return examples, nil
		}
	}
}
