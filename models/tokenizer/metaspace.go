package tokenizer

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// metaspace makes spaces visible as SentencePiece does (Kudo and Richardson 2018): as a pre-tokenizer it puts a
// character for each space and, by its scheme, before the text, and splits before each of them; as a decoder it
// turns them back.
type metaspace struct {
	mark  rune
	words bool // split
	when  prepend
}

// prepend says before which texts the mark is put.
type prepend int

const (
	always prepend = iota
	first          // at the beginning of the original only
	never
)

func parseMetaspace(o object) (m metaspace, err error) {
	if m.mark, err = character(o, "replacement"); err != nil {
		return m, err
	}
	m.when, err = choice(o, "prepend_scheme", "always", map[string]prepend{
		"always": always, "first": first, "never": never,
	})
	if err != nil {
		return m, err
	}
	prefix, err := fieldOr(o, "add_prefix_space", true) // the older name
	if err != nil {
		return m, err
	}
	if !prefix && m.when != never {
		if o.has("prepend_scheme") {
			return m, &FieldError{o.at("add_prefix_space"), fmt.Errorf("%w: contradicts prepend_scheme", ErrFormat)}
		}
		m.when = never
	}
	m.words, err = fieldOr(o, "split", true)
	return m, err
}

// character reads a field of one character.
func character(o object, key string) (rune, error) {
	s, err := field[string](o, key)
	if err != nil {
		return 0, err
	}
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 || size != len(s) {
		return 0, &FieldError{o.at(key), fmt.Errorf("%w: want one character, not %q", ErrFormat, s)}
	}
	return r, nil
}

func (m metaspace) split(in *memory, pieces []piece) []piece {
	return in.splitText(pieces, func(t aligned, c *cut) {
		for i, r := range t.runes {
			if r == ' ' {
				t.runes[i] = m.mark
			}
		}
		if t.len() > 0 && t.runes[0] != m.mark && (m.when == always || m.when == first && t.places[0].start == 0) {
			t.prepend([]rune{m.mark})
			c.become(t)
		}
		if !m.words {
			c.add(0, t.len())
			return
		}
		start := 0
		for i, r := range t.runes {
			if r == m.mark {
				c.add(start, i)
				start = i
			}
		}
		c.add(start, t.len())
	})
}

func (m metaspace) decode(tokens []string) []string {
	out := make([]string, len(tokens))
	for i, t := range tokens {
		with := " "
		if i == 0 && m.when != never {
			with = ""
		}
		out[i] = strings.ReplaceAll(t, string(m.mark), with)
	}
	return out
}
