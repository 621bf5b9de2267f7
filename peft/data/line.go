package data

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parse reads one object, of a line or an element as what says, without the spaces around it. With an error comes the field
// it is in, if it is in one.
func (f Fields) parse(line []byte, what string) (ex Example, field string, err error) {
	// encoding/json would put U+FFFD in place of what is broken and say nothing.
	if !utf8.Valid(line) {
		return ex, "", faultf(ErrFormat, "byte %d of the %s is not UTF-8", invalidAt(line)+1, what)
	}
	values, field, err := object(line)
	if err != nil {
		return ex, field, err
	}
	if ex.Text, err = text(values[f.Text]); err != nil {
		return ex, f.Text, err
	}
	if f.Pair != "" {
		if ex.Pair, err = text(values[f.Pair]); err != nil {
			return ex, f.Pair, err
		}
	}
	if f.Label != "-" && (values[f.Label] != nil || !f.Unlabelled) {
		if ex.Label, err = label(values[f.Label]); err != nil {
			return ex, f.Label, err
		}
	}
	return ex, "", nil
}

// object splits a JSON object into its fields. Unlike json.Unmarshal it refuses a key that is there twice.
func object(line []byte) (values map[string]json.RawMessage, field string, err error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	start, err := dec.Token()
	if err != nil {
		return nil, "", notJSON(err, "line")
	}
	if start != json.Delim('{') {
		return nil, "", faultf(ErrFormat, "is %s, want an object", jsonType(line))
	}
	values = map[string]json.RawMessage{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, "", notJSON(err, "line")
		}
		name := key.(string) // the decoder takes nothing else for a key
		if _, twice := values[name]; twice {
			return nil, name, faultf(ErrFormat, "is there twice")
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, name, notJSON(err, "line")
		}
		values[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, "", notJSON(err, "line")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, "", faultf(ErrFormat, "something follows the object")
	}
	return values, "", nil
}

// notJSON says what is wrong with a line or a file.
func notJSON(err error, what string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return faultf(ErrFormat, "not JSON: the %s ends too early", what)
	}
	return faultf(ErrFormat, "not JSON: %v", err)
}

func text(raw json.RawMessage) (string, error) {
	if raw == nil {
		return "", faultf(ErrFormat, "is missing")
	}
	if raw[0] != '"' {
		return "", faultf(ErrFormat, "is %s, want a string", jsonType(raw))
	}
	if halfSurrogate(raw) {
		return "", faultf(ErrFormat, "holds half a surrogate pair (\\ud800 to \\udfff)")
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", notJSON(err, "line")
	}
	return s, nil
}

func label(raw json.RawMessage) (Label, error) {
	if raw == nil {
		return Label{}, faultf(ErrFormat, "is missing")
	}
	switch c := raw[0]; {
	case c == '"':
		s, err := text(raw)
		return WordLabel(s), err
	case c == '-' || '0' <= c && c <= '9':
		return number(string(raw))
	}
	const one = "is %s, want a string or a number"
	if raw[0] == '[' || raw[0] == '{' {
		return Label{}, faultf(ErrFormat, one+": several labels for one example are not supported", jsonType(raw))
	}
	return Label{}, faultf(ErrFormat, one, jsonType(raw))
}

func number(s string) (Label, error) {
	if !strings.ContainsAny(s, ".eE") {
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return Label{}, faultf(ErrFormat, "the integer %s is too large", s)
		}
		return IntegerLabel(i), nil
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(x) > math.MaxFloat32 {
		return Label{}, faultf(ErrFormat, "the number %s is too large", s)
	}
	return FloatLabel(x), nil
}

// jsonType names the type of a JSON value by its first byte.
func jsonType(raw []byte) string {
	switch raw[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

func invalidAt(b []byte) int {
	at := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			break
		}
		at, b = at+size, b[size:]
	}
	return at
}

// halfSurrogate reports whether a JSON string holds an escaped surrogate without its other half, for which
// encoding/json silently gives U+FFFD.
func halfSurrogate(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++ // the escaped character, so that an escaped backslash escapes nothing
		switch unit := escaped(raw[i-1:]); {
		case unit < 0xd800 || unit > 0xdfff:
		case unit <= 0xdbff && escaped(raw[i+5:]) >= 0xdc00 && escaped(raw[i+5:]) <= 0xdfff:
			i += 10
		default:
			return true
		}
	}
	return false
}

// escaped is the UTF-16 unit of an escape \uXXXX at the start of raw, or 0.
func escaped(raw []byte) uint64 {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0
	}
	unit, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return unit
}
