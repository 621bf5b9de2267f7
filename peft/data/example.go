package data

import (
	"fmt"
	"strconv"
)

// Example is one input and what a model should say to it.
type Example struct {
	Text  string
	Pair  string // the second text of a pair, such as a hypothesis; "" where there is none
	Label Label
	Pos   Position
}

// Position says where in a file an example was read, for error messages. The zero value means that it was not read from a
// file.
type Position struct {
	Path    string
	Line    int // the line in a file of JSON lines, counted from 1; 0 in a file that is an array
	Element int // the index in a file that is an array, counted from 0
}

// String gives "path:line" or, in an array, "path: element index".
func (p Position) String() string {
	if p.Line == 0 {
		return p.Path + ": element " + strconv.Itoa(p.Element)
	}
	return p.Path + ":" + strconv.Itoa(p.Line)
}

// place names the i-th example of a set for an error.
func place(examples []Example, i int) string {
	if p := examples[i].Pos; p != (Position{}) {
		return p.String()
	}
	return "example " + strconv.Itoa(i)
}

// Kind is what a label is.
type Kind uint8

// The kinds.
const (
	NoLabel Kind = iota
	Integer      // a class by its index
	Float        // a number, for regression
	Word         // a class by its name
)

// String names the kind for an error.
func (k Kind) String() string {
	switch k {
	case NoLabel:
		return "nothing"
	case Integer:
		return "an integer"
	case Float:
		return "a number that is no integer"
	case Word:
		return "a string"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Label is an integer, a number or a word; its zero value is no label. Labels may be compared and be keys.
type Label struct {
	kind   Kind
	number float64
	index  int64
	word   string
}

// IntegerLabel is the class of this index, or a number for regression.
func IntegerLabel(i int64) Label { return Label{kind: Integer, index: i} }

// FloatLabel is a number for regression.
func FloatLabel(x float64) Label { return Label{kind: Float, number: x} }

// WordLabel is the class of this name.
func WordLabel(s string) Label { return Label{kind: Word, word: s} }

// Kind tells what the label is.
func (l Label) Kind() Kind { return l.kind }

// Number is the label as a number, and whether it is one.
func (l Label) Number() (float64, bool) {
	switch l.kind {
	case Integer:
		return float64(l.index), true
	case Float:
		return l.number, true
	}
	return 0, false
}

// String is the label as a class's name or in digits; "" for none.
func (l Label) String() string {
	switch l.kind {
	case Integer:
		return strconv.FormatInt(l.index, 10)
	case Float:
		return strconv.FormatFloat(l.number, 'g', -1, 64)
	}
	return l.word
}
