package tokenizer

import "unicode"

// The reference takes its character classes from several Rust crates of different Unicode versions (8 to 17).
// The classes are therefore read off the reference itself (tables.go), except where Go's agree with it.

// isSpace reports the property White_Space.
func isSpace(r rune) bool { return unicode.IsSpace(r) }

// isRemoved reports whether clean_text drops r: control, format and private-use characters, NUL and U+FFFD.
func isRemoved(r rune) bool {
	if r < 0x7F {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r'
	}
	return unicode.Is(removed, r)
}

// isPunctuation reports whether BertPreTokenizer makes r a word of its own: punctuation and ASCII symbols.
func isPunctuation(r rune) bool {
	if r < 0x80 {
		return r > ' ' && r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' && r < 0x7F
	}
	return unicode.Is(punctuation, r)
}

// isNonspacing reports the category Mn, the accents.
func isNonspacing(r rune) bool { return r >= 0x300 && unicode.Is(nonspacing, r) }

// isChinese reports a CJK ideograph in the blocks that BERT separates by spaces. The block of extension E
// begins at U+2B920 in the reference, and so here.
func isChinese(r rune) bool {
	switch {
	case r < 0x3400:
		return false
	case r <= 0x4DBF, r >= 0x4E00 && r <= 0x9FFF, r >= 0xF900 && r <= 0xFAFF:
		return true
	case r >= 0x20000 && r <= 0x2A6DF, r >= 0x2A700 && r <= 0x2B81F, r >= 0x2B920 && r <= 0x2CEAF:
		return true
	}
	return r >= 0x2F800 && r <= 0x2FA1F
}

// isWord reports what \w matches in the reference's regular expressions (Unicode 16), which decides where a
// single_word token may stand.
func isWord(r rune) bool {
	if r < 0x80 {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '_'
	}
	return r == 0x200C || r == 0x200D || unicode.IsLetter(r) ||
		unicode.In(r, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic, laterWord)
}

// lower returns the lower case of r (Unicode 17); only U+0130 becomes two characters, of which the second, a
// combining dot, is left to the caller.
func lower(r rune) rune {
	switch {
	case r < 0x80:
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case r == dottedI:
		return 'i'
	case r == 0xA7CB:
		return 0x264
	case r == 0xA7DC:
		return 0x19B
	case r == 0x1C89, r == 0xA7CC, r == 0xA7CE, r == 0xA7D2, r == 0xA7D4, r == 0xA7DA:
		return r + 1
	case r >= 0x10D50 && r <= 0x10D65:
		return r + 0x20
	case r >= 0x16EA0 && r <= 0x16EB8:
		return r + 0x1B
	}
	return unicode.ToLower(r)
}

const (
	dottedI      = 0x130 // LATIN CAPITAL LETTER I WITH DOT ABOVE
	combiningDot = 0x307
)

// later returns the tables by which a general category or script of the reference's regular expressions goes
// beyond Go's. A category of one letter is made of those that begin with it.
func later(name string) []*unicode.RangeTable {
	if t, ok := laterTables[name]; ok {
		return []*unicode.RangeTable{t}
	}
	var out []*unicode.RangeTable
	for key, t := range laterTables {
		if len(name) == 1 && len(key) == 2 && key[0] == name[0] {
			out = append(out, t)
		}
	}
	return out
}

// isMark reports a combining mark of Unicode 9.
func isMark(r rune) bool { return r >= 0x300 && unicode.Is(marks, r) }

// isNumeric reports what Rust takes for numeric: the category N.
func isNumeric(r rune) bool {
	if r < 0x80 {
		return r >= '0' && r <= '9'
	}
	return unicode.Is(numerics, r)
}
