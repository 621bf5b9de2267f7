package tokenizer

import "unicode/utf8"

// source is an input text decoded: its characters, and where each begins in the bytes the caller gave.
type source struct {
	text   aligned
	starts []int32 // byte position of each character and, last, of the end; nil where they equal the index
}

// decode reads text as Python's bytes.decode("utf-8", "replace") does: each maximal part of an ill-formed
// sequence becomes one U+FFFD (Unicode Standard 3.9, best practice for U+FFFD substitution).
func (m *memory) decode(text string) source {
	s := source{text: m.text(len(text))}
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			if r, size = utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError && size == 1 {
				size = illFormed(text[i:])
			}
			if s.starts == nil {
				s.starts = identity(m.starts.take(len(text)+1), i)
			}
		}
		if s.starts != nil {
			s.starts = append(s.starts, int32(i))
		}
		n := int32(s.text.len())
		s.text.append(r, place{n, n + 1})
		i += size
	}
	if s.starts != nil {
		s.starts = append(s.starts, int32(len(text)))
	}
	return s
}

// decode reads text in memory of its own.
func decode(text string) source { return new(memory).decode(text) }

// appendRunes appends text in UTF-8.
func appendRunes(out []byte, text []rune) []byte {
	for _, r := range text {
		out = utf8.AppendRune(out, r)
	}
	return out
}

// bytes turns a range of characters into one of bytes.
func (s source) bytes(c place) [2]int32 {
	if s.starts == nil {
		return [2]int32{c.start, c.end}
	}
	return [2]int32{s.starts[c.start], s.starts[c.end]}
}

// identity appends 0, 1, ... n-1.
func identity(out []int32, n int) []int32 {
	for i := range n {
		out = append(out, int32(i))
	}
	return out
}

// illFormed returns the length of the ill-formed sequence s begins with: a lead byte and the continuation
// bytes that could follow it (Unicode Standard, table 3-7), or one byte.
func illFormed(s string) int {
	lead, low, high, want := s[0], byte(0x80), byte(0xBF), 0
	switch {
	case lead >= 0xC2 && lead <= 0xDF:
		want = 1
	case lead >= 0xE0 && lead <= 0xEF:
		want = 2
	case lead >= 0xF0 && lead <= 0xF4:
		want = 3
	}
	switch lead {
	case 0xE0:
		low = 0xA0
	case 0xED:
		high = 0x9F
	case 0xF0:
		low = 0x90
	case 0xF4:
		high = 0x8F
	}
	n := 1
	for n <= want && n < len(s) && s[n] >= low && s[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}
