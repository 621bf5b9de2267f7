package tokenizer

import "fmt"

// behaviour says what becomes of the matches of a pattern at which text is split.
type behaviour int

const (
	dropped            behaviour = iota // dropped
	isolated                            // words of their own
	mergedWithPrevious                  // end of the word before
	mergedWithNext                      // beginning of the word after
	contiguous                          // words of their own, neighbours joined
)

func parseBehaviour(o object, otherwise string) (behaviour, error) {
	return choice(o, "behavior", otherwise, map[string]behaviour{
		"Removed": dropped, "Isolated": isolated, "MergedWithPrevious": mergedWithPrevious,
		"MergedWithNext": mergedWithNext, "Contiguous": contiguous,
	})
}

// stretch is a part of a text that a pattern matches, or does not.
type stretch struct {
	start, end int
	match      bool
}

// at cuts a text into stretches, which cover it, and adds the words that the behaviour makes of them.
func (c *cut) at(parts []stretch, how behaviour) {
	switch how {
	case dropped:
		for _, p := range parts {
			if !p.match {
				c.add(p.start, p.end)
			}
		}
	case isolated:
		for _, p := range parts {
			c.add(p.start, p.end)
		}
	case contiguous:
		for i := 0; i < len(parts); {
			start := i
			for i++; i < len(parts) && parts[i].match == parts[start].match; i++ {
			}
			c.add(parts[start].start, parts[i-1].end)
		}
	case mergedWithPrevious:
		for i := 0; i < len(parts); {
			start := i
			for i++; i < len(parts) && parts[i].match && !parts[i-1].match; i++ {
			}
			c.add(parts[start].start, parts[i-1].end)
		}
	case mergedWithNext:
		for i := 0; i < len(parts); i++ {
			start := i
			// of several matches in a row only the last goes with what follows
			if parts[i].match && i+1 < len(parts) && !parts[i+1].match {
				i++
			}
			c.add(parts[start].start, parts[i].end)
		}
	}
}

// stretches covers t by the matches given and what is between them.
func (t aligned) stretches(matches []span) []stretch {
	out := t.memory.stretches.take(2*len(matches) + 1)
	done := 0
	for _, m := range matches {
		if m.start > done {
			out = append(out, stretch{done, m.start, false})
		}
		out = append(out, stretch{m.start, m.end, true})
		done = m.end
	}
	if done < t.len() {
		out = append(out, stretch{done, t.len(), false})
	}
	return out
}

// where covers t by its characters that is holds for, one by one, and what is between them.
func (t aligned) where(is func(rune) bool) []stretch {
	out := t.memory.stretches.take(t.len() + 1)
	done := 0
	for i, r := range t.runes {
		if is(r) {
			if i > done {
				out = append(out, stretch{done, i, false})
			}
			out = append(out, stretch{i, i + 1, true})
			done = i + 1
		}
	}
	if done < t.len() {
		out = append(out, stretch{done, t.len(), false})
	}
	return out
}

// splitPattern is the pre-tokenizer Split.
type splitPattern struct {
	pattern pattern
	how     behaviour
	invert  bool // split at what the pattern does not match
}

func parseSplit(o object) (preTokenizer, error) {
	var s splitPattern
	var err error
	if s.pattern, err = parsePattern(o, "pattern"); err != nil {
		return nil, err
	}
	if s.how, err = parseBehaviour(o, ""); err != nil {
		return nil, err
	}
	if s.invert, err = field[bool](o, "invert"); err != nil {
		return nil, err
	}
	if w, ok := s.pattern.(*scanner); ok && (s.how == isolated || s.how == dropped && s.invert) {
		return wordSplit{w}, nil
	}
	return s, nil
}

func (s splitPattern) split(m *memory, pieces []piece) []piece {
	return m.splitText(pieces, func(t aligned, c *cut) {
		parts := t.stretches(s.pattern.matches(t.runes))
		if s.invert {
			for i := range parts {
				parts[i].match = !parts[i].match
			}
		}
		c.at(parts, s.how)
	})
}

// wordSplit makes a word of each match of a scanner, which leaves nothing over.
type wordSplit struct{ words *scanner }

func (w wordSplit) split(m *memory, pieces []piece) []piece {
	return m.splitText(pieces, func(t aligned, c *cut) {
		for start := 0; start < t.len(); {
			end := w.words.next(t.runes, start)
			c.add(start, end)
			start = end
		}
	})
}

// splitWhere splits at the characters that is holds for.
type splitWhere struct {
	is  func(rune) bool
	how behaviour
}

func (s splitWhere) split(m *memory, pieces []piece) []piece {
	return m.splitText(pieces, func(t aligned, c *cut) {
		c.at(t.where(s.is), s.how)
	})
}

// fixedLength cuts text into words of a number of characters.
type fixedLength int

func parseFixedLength(o object) (preTokenizer, error) {
	n, err := fieldOr(o, "length", uint32(5))
	if err == nil && n == 0 {
		err = &FieldError{o.at("length"), fmt.Errorf("%w: 0", ErrFormat)}
	}
	return fixedLength(n), err
}

func (n fixedLength) split(m *memory, pieces []piece) []piece {
	return m.splitText(pieces, func(t aligned, c *cut) {
		for start := 0; start < t.len(); start += int(n) {
			c.add(start, min(start+int(n), t.len()))
		}
	})
}
