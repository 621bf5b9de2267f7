package safetensors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON of a known form from memory. encoding/json would let pass
// what must be an error here: a key that occurs twice, a dimension written as
// 1e3, half of a surrogate pair. The data must be valid UTF-8.
type scanner struct {
	data []byte
	pos  int
}

func (s *scanner) errorf(format string, args ...any) error {
	return fmt.Errorf("JSON at byte %d: "+format, append([]any{s.pos}, args...)...)
}

// next skips white space and returns the byte after it, 0 at the end.
func (s *scanner) next() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// expect consumes c.
func (s *scanner) expect(c byte) error {
	if s.next() != c {
		return s.errorf("%q expected", c)
	}
	s.pos++
	return nil
}

// end fails unless only white space is left.
func (s *scanner) end() error {
	if s.next(); s.pos < len(s.data) {
		return s.errorf("something follows the end of the object")
	}
	return nil
}

// list reads open, items separated by commas, and close.
func (s *scanner) list(open, close byte, item func() error) error {
	if err := s.expect(open); err != nil {
		return err
	}
	if s.next() == close {
		s.pos++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if s.next() != ',' {
			return s.expect(close)
		}
		s.pos++
	}
}

// object calls value for each key; it must consume the key's value.
func (s *scanner) object(value func(key string) error) error {
	return s.list('{', '}', func() error {
		key, err := s.str()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		return value(key)
	})
}

// strings reads an object of strings in which no key occurs twice.
func (s *scanner) strings() (map[string]string, error) {
	m := map[string]string{}
	err := s.object(func(key string) error {
		if _, twice := m[key]; twice {
			return s.errorf("key %s occurs twice", quote(key))
		}
		value, err := s.str()
		m[key] = value
		return err
	})
	return m, err
}

// integer reads a number that must be a plain, non-negative 63-bit integer.
func (s *scanner) integer() (int64, error) {
	s.next()
	start := s.pos
	for s.pos < len(s.data) && s.data[s.pos] >= '0' && s.data[s.pos] <= '9' {
		s.pos++
	}
	digits := s.data[start:s.pos]
	switch {
	case len(digits) == 0:
		return 0, s.errorf("a non-negative integer expected")
	case len(digits) > 1 && digits[0] == '0':
		return 0, s.errorf("a number starts with 0")
	case len(digits) > 19: // as many as 2^63-1 has
		return 0, s.errorf("a number overflows")
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return 0, s.errorf("number %s overflows", digits)
	}
	return n, nil // a fraction or exponent fails at the comma that must follow
}

// null consumes null if it is next.
func (s *scanner) null() bool {
	s.next()
	if !bytes.HasPrefix(s.data[s.pos:], []byte("null")) {
		return false
	}
	s.pos += len("null")
	return true
}

// skip consumes a value of any kind that nests at most depth levels.
func (s *scanner) skip(depth int) error {
	c := s.next()
	if depth == 0 && (c == '{' || c == '[') {
		return s.errorf("a value is nested too deeply")
	}
	switch c {
	case '{':
		return s.object(func(string) error { return s.skip(depth - 1) })
	case '[':
		return s.list('[', ']', func() error { return s.skip(depth - 1) })
	case '"':
		_, err := s.str()
		return err
	}
	start := s.pos // a number, true, false or null
	for s.pos < len(s.data) && !bytes.ContainsRune([]byte(",]} \t\n\r"), rune(s.data[s.pos])) {
		s.pos++
	}
	if !json.Valid(s.data[start:s.pos]) {
		return s.errorf("a value expected")
	}
	return nil
}

// str reads a string.
func (s *scanner) str() (string, error) {
	if err := s.expect('"'); err != nil {
		return "", err
	}
	rest := s.data[s.pos:]
	i := bytes.IndexAny(rest, "\"\\")
	if i >= 0 && rest[i] == '"' && !hasControl(rest[:i]) { // no escapes: the usual case
		s.pos += i + 1
		return string(rest[:i]), nil
	}
	var out []byte
	for s.pos < len(s.data) {
		c := s.data[s.pos]
		s.pos++
		switch {
		case c == '"':
			return string(out), nil
		case c < ' ':
			return "", s.errorf("control character in a string")
		case c != '\\':
			out = append(out, c)
		default:
			r, err := s.escape()
			if err != nil {
				return "", err
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return "", s.errorf("a string has no end")
}

func hasControl(b []byte) bool {
	return bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' })
}

// escape reads what follows a backslash.
func (s *scanner) escape() (rune, error) {
	const names, values = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if s.pos >= len(s.data) {
		return 0, s.errorf("a string has no end")
	}
	c := s.data[s.pos]
	s.pos++
	if i := bytes.IndexByte([]byte(names), c); i >= 0 {
		return rune(values[i]), nil
	}
	if c != 'u' {
		return 0, s.errorf("unknown escape \\%c", c)
	}
	r, err := s.hex4()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if !bytes.HasPrefix(s.data[s.pos:], []byte(`\u`)) {
		return 0, s.errorf("half of a surrogate pair")
	}
	s.pos += 2
	low, err := s.hex4()
	if err != nil {
		return 0, err
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, s.errorf("half of a surrogate pair")
	}
	return r, nil
}

func (s *scanner) hex4() (rune, error) {
	if len(s.data)-s.pos < 4 {
		return 0, s.errorf("a string has no end")
	}
	n, err := strconv.ParseUint(string(s.data[s.pos:s.pos+4]), 16, 16)
	if err != nil {
		return 0, s.errorf("four hexadecimal digits expected")
	}
	s.pos += 4
	return rune(n), nil
}
