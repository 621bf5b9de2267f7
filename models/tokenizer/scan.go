package tokenizer

import (
	"sync"
	"unicode"
)

// class is a set of the properties that the patterns of well-known tokenizers ask for.
type class uint8

const (
	letter  class = 1 << iota // \p{L}
	number                    // \p{N}
	space                     // \s
	newline                   // \r and \n
)

// plane0 holds the classes of the Basic Multilingual Plane: nearly all text is there.
var plane0 = sync.OnceValue(func() *[1 << 16]class {
	var table [1 << 16]class
	set := func(c class, tables ...*unicode.RangeTable) {
		for _, t := range tables {
			for _, r := range t.R16 {
				for i := uint32(r.Lo); i <= uint32(r.Hi); i += uint32(r.Stride) {
					table[i] |= c
				}
			}
		}
	}
	set(letter, append(later("L"), unicode.L)...)
	set(number, append(later("N"), unicode.N)...)
	set(space, unicode.White_Space)
	table['\r'] |= newline
	table['\n'] |= newline
	return &table
})

// classes looks up characters.
type classes struct{ low *[1 << 16]class }

func (c classes) of(r rune) class {
	if uint32(r) < 1<<16 {
		return c.low[r]
	}
	var out class
	if unicode.Is(unicode.L, r) || unicode.In(r, later("L")...) {
		out |= letter
	} else if unicode.Is(unicode.N, r) || unicode.In(r, later("N")...) {
		out |= number
	}
	return out
}

// scanner finds the words of one of the well-known patterns, without a regular expression engine.
type scanner struct {
	pattern string
	fold    bool // contractions in either case, and the newer rules for spaces and signs
	digits  int  // most digits of a word; 0 means any number
}

var (
	gpt2 = scanner{pattern: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`}
	// of Llama 3, after OpenAI's cl100k_base
	llama3 = scanner{
		pattern: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
		fold:    true, digits: 3,
	}
	qwen2 = scanner{
		pattern: `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
		fold:    true, digits: 1,
	}
)

// next returns the end of the word that begins at i. Every character belongs to a word.
func (s *scanner) next(text []rune, i int) int {
	c := classes{plane0()}
	if text[i] == '\'' {
		if n := contraction(text[i+1:], s.fold); n > 0 {
			return i + 1 + n
		}
	}
	first := c.of(text[i])
	second := class(0) // of the character after a space or sign that goes with a word
	if i+1 < len(text) {
		second = c.of(text[i+1])
	}
	run := func(from int, in func(class) bool) int {
		for from < len(text) && in(c.of(text[from])) {
			from++
		}
		return from
	}
	isLetter := func(k class) bool { return k&letter != 0 }
	isSign := func(k class) bool { return k&(letter|number|space) == 0 }
	blank := text[i] == ' ' && i+1 < len(text)

	switch {
	case first&letter != 0:
		return run(i+1, isLetter)
	case second&letter != 0 && (blank || s.fold && first&(newline|number) == 0):
		return run(i+2, isLetter)
	case first&number != 0 || !s.fold && blank && second&number != 0:
		if s.digits == 0 {
			return run(i+1, func(k class) bool { return k&number != 0 })
		}
		end := i + 1
		for end < len(text) && end < i+s.digits && c.of(text[end])&number != 0 {
			end++
		}
		return end
	case isSign(first) || blank && isSign(second):
		end := run(i+1, isSign)
		if s.fold {
			end = run(end, func(k class) bool { return k&newline != 0 })
		}
		return end
	}

	// white space: up to the last line break of the run, or all but the last, which goes with the next word
	end := run(i+1, func(k class) bool { return k&space != 0 })
	if s.fold {
		for last := end; last > i; last-- {
			if c.of(text[last-1])&newline != 0 {
				return last
			}
		}
	}
	if end < len(text) && end > i+1 {
		end--
	}
	return end
}

// contraction returns the length of one of s t re ve m ll d, which text begins with; 0 if it does not.
func contraction(text []rune, fold bool) int {
	at := func(i int) rune {
		if i >= len(text) {
			return 0
		}
		r := text[i]
		if fold && r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		if fold && r == '\u017F' { // the long s is an s in another case
			return 's'
		}
		return r
	}
	switch at(0) {
	case 's', 't', 'm', 'd':
		return 1
	case 'r', 'v':
		if at(1) == 'e' {
			return 2
		}
	case 'l':
		if at(1) == 'l' {
			return 2
		}
	}
	return 0
}
