package data

import (
	"fmt"
	"strconv"
)

// Example is one input text, or a pair of texts, with the label that a model should learn to give.
type Example struct {
	Text  string
	Pair  string   // the second text of a pair, such as the hypothesis beside a premise; "" means that there is none
	Label Label    // the zero value means that it has none
	Pos   Position // where it was read, for error messages; may be left out
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

// Kind is the type of a label's value.
type Kind uint8

// The kinds of labels.
const (
	NoLabel Kind = iota // there is no label
	Integer             // an integer: the number of a class, or a value for regression
	Float               // a number with a fraction or exponent: a value for regression
	Word                // a string: the name of a class, or a text to be generated
)

// String describes the kind for messages, as in "an integer".
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

// Label is what an example is labelled with: a string, an integer or another number. The zero value is no label. Labels can be
// compared with == and used as map keys. [WordLabel], [IntegerLabel] and [FloatLabel] make them.
type Label struct {
	kind   Kind
	number float64
	index  int64
	word   string
}

// IntegerLabel makes a label of an integer: the number of a class, counted from 0, or a value for regression.
func IntegerLabel(i int64) Label { return Label{kind: Integer, index: i} }

// FloatLabel makes a label of a number, for regression.
func FloatLabel(x float64) Label { return Label{kind: Float, number: x} }

// WordLabel makes a label of a string: the name of a class or, for [Writing] and [Continuing], the text to be generated.
func WordLabel(s string) Label { return Label{kind: Word, word: s} }

// Kind gives the type of the label's value.
func (l Label) Kind() Kind { return l.kind }

// Number gives the label's value as a number; ok is false if it is a string or there is none.
func (l Label) Number() (x float64, ok bool) {
	switch l.kind {
	case Integer:
		return float64(l.index), true
	case Float:
		return l.number, true
	}
	return 0, false
}

// String gives the name of a class, or a number in decimal digits; "" without a label.
func (l Label) String() string {
	switch l.kind {
	case Integer:
		return strconv.FormatInt(l.index, 10)
	case Float:
		return strconv.FormatFloat(l.number, 'g', -1, 64)
	}
	return l.word
}
