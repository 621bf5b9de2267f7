package tokenizer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// runeSet is a set of characters. Its ranges are in order and apart from each other once tidy was called.
type runeSet struct{ ranges [][2]rune }

func (s *runeSet) add(low, high rune) { s.ranges = append(s.ranges, [2]rune{low, high}) }

func (s *runeSet) tidy() {
	slices.SortFunc(s.ranges, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	out := s.ranges[:0]
	for _, r := range s.ranges {
		if n := len(out); n > 0 && r[0] <= out[n-1][1]+1 {
			out[n-1][1] = max(out[n-1][1], r[1])
		} else {
			out = append(out, r)
		}
	}
	s.ranges = out
}

func (s runeSet) complement() runeSet {
	s.tidy()
	var out runeSet
	next := rune(0)
	for _, r := range s.ranges {
		if r[0] > next {
			out.add(next, r[0]-1)
		}
		next = r[1] + 1
	}
	if next <= unicode.MaxRune {
		out.add(next, unicode.MaxRune)
	}
	return out
}

func (s runeSet) intersect(o runeSet) runeSet {
	a, b := s.complement(), o.complement()
	a.ranges = append(a.ranges, b.ranges...)
	return a.complement()
}

// fold adds the other cases of each character.
func (s *runeSet) fold() {
	for _, r := range slices.Clone(s.ranges) {
		for c := r[0]; c <= min(r[1], 0x1E943); c++ { // the last one with a case
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				s.add(f, f)
			}
		}
	}
	s.tidy()
}

// write writes the set as a class.
func (s runeSet) write(b *strings.Builder) {
	s.tidy()
	if len(s.ranges) == 0 {
		b.WriteString(`(?!)`)
		return
	}
	b.WriteByte('[')
	for _, r := range s.ranges {
		writeRune(b, r[0])
		if r[1] > r[0] {
			b.WriteByte('-')
			writeRune(b, r[1])
		}
	}
	b.WriteByte(']')
}

// writeRune writes a character so that it means nothing but itself.
func writeRune(b *strings.Builder, r rune) {
	switch {
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r > 0xFFFF:
		b.WriteRune(r)
	default:
		fmt.Fprintf(b, `\u%04X`, r)
	}
}

func tableSet(tables ...*unicode.RangeTable) (s runeSet) {
	for _, t := range tables {
		for _, r := range t.R16 {
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
				if r.Stride == 1 {
					s.add(c, rune(r.Hi))
					break
				}
				s.add(c, c)
			}
		}
		for _, r := range t.R32 {
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
				if r.Stride == 1 {
					s.add(c, rune(r.Hi))
					break
				}
				s.add(c, c)
			}
		}
	}
	s.tidy()
	return s
}

// propertySet returns the characters of general categories or scripts.
func propertySet(names ...string) runeSet {
	var tables []*unicode.RangeTable
	for _, name := range names {
		if t := unicode.Categories[name]; t != nil {
			tables = append(tables, t)
		} else {
			tables = append(tables, unicode.Scripts[name])
		}
		tables = append(tables, later(name)...)
	}
	return tableSet(tables...)
}

// posix are the classes like [:alpha:].
var posix = map[string][]string{
	"digit": {"Nd"}, "punct": {"P", "S"}, "cntrl": {"Cc"},
}

// wordSet is what \w matches: word characters of Unicode, and the fractions and raised digits of Latin-1.
func wordSet() runeSet {
	set := propertySet("L", "M", "Nd", "Nl", "Pc")
	set.ranges = append(set.ranges, tableSet(unicode.Other_Alphabetic).ranges...)
	set.ranges = append(set.ranges, [][2]rune{{0xB2, 0xB3}, {0xB9, 0xB9}, {0xBC, 0xBE}}...)
	set.tidy()
	return set
}

// class reads a class in brackets, with classes, and intersections by &&, within.
func (t *translator) class() (runeSet, error) {
	t.pos++
	not := t.peek(0) == '^'
	if not {
		t.pos++
	}
	var set runeSet
	var parts []runeSet // to intersect
	for first := true; ; first = false {
		if t.pos >= len(t.in) {
			return set, fmt.Errorf("a class is not closed")
		}
		c := t.in[t.pos]
		switch {
		case c == ']' && !first:
			t.pos++
			for _, p := range parts {
				set = set.intersect(p)
			}
			if t.top().fold {
				set.fold()
			}
			if not {
				set = set.complement()
			}
			return set, nil
		case t.has("&&"):
			t.pos += 2
			parts = append(parts, set)
			set = runeSet{}
		case t.has("[:"):
			s, err := t.posixClass()
			if err != nil {
				return set, err
			}
			set.ranges = append(set.ranges, s.ranges...)
		case c == '[':
			s, err := t.class()
			if err != nil {
				return set, err
			}
			set.ranges = append(set.ranges, s.ranges...)
		default:
			if err := t.member(&set); err != nil {
				return set, err
			}
		}
	}
}

// member reads a character, a range of them or an escape within a class.
func (t *translator) member(set *runeSet) error {
	low, err := t.single(set)
	if err != nil || low < 0 {
		return err
	}
	if t.peek(0) != '-' || t.peek(1) == ']' || t.pos+1 >= len(t.in) {
		set.add(low, low)
		return nil
	}
	t.pos++
	high, err := t.single(set)
	if err != nil {
		return err
	}
	if high < low {
		return fmt.Errorf("a range ends before it begins")
	}
	set.add(low, high)
	return nil
}

// single reads one character; an escape for a set is added to it and gives -1.
func (t *translator) single(set *runeSet) (rune, error) {
	if t.in[t.pos] != '\\' {
		t.pos++
		return t.in[t.pos-1], nil
	}
	if t.peek(1) == 'b' {
		t.pos += 2
		return '\b', nil
	}
	s, single, err := t.escaped()
	if err == nil && single < 0 {
		set.ranges = append(set.ranges, s.ranges...)
	}
	return single, err
}

func (t *translator) posixClass() (runeSet, error) {
	end := strings.Index(string(t.in[t.pos:]), ":]")
	if end < 0 {
		return runeSet{}, fmt.Errorf("[: is not closed")
	}
	name := string(t.in[t.pos:])[2:end]
	t.pos += len([]rune(name)) + 4
	bare, not := strings.CutPrefix(name, "^")
	var set runeSet
	switch {
	case posix[bare] != nil:
		set = propertySet(posix[bare]...)
	case bare == "space":
		set = tableSet(unicode.White_Space)
	case bare == "blank":
		set = propertySet("Zs")
		set.add('\t', '\t')
	case bare == "xdigit":
		set.ranges = [][2]rune{{'0', '9'}, {'A', 'F'}, {'a', 'f'}}
	default:
		return set, fmt.Errorf("the class [:%s:] is not supported", bare)
	}
	if not {
		set = set.complement()
	}
	return set, nil
}
