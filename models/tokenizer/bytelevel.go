package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// byteChars are the characters by which byte-level BPE writes bytes (Radford et al. 2019, GPT-2): printable Latin-1
// characters stand for themselves, the other 68 bytes for U+0100 and on.
var byteChars = func() (table [256]rune) {
	next := rune(256)
	for b := range table {
		if b >= '!' && b <= '~' || b >= 0xA1 && b != 0xAD {
			table[b] = rune(b)
		} else {
			table[b] = next
			next++
		}
	}
	return table
}()

// charBytes is the inverse of byteChars; -1 where a character stands for no byte.
var charBytes = func() (table [324]int16) {
	for c := range table {
		table[c] = -1
	}
	for b, c := range byteChars {
		table[c] = int16(b)
	}
	return table
}()

const byteSpace = '\u0120' // what stands for a space

// toBytes puts for each character the characters of its bytes, all of which stand for its place.
func (t *aligned) toBytes() {
	size := 0
	for _, r := range t.runes {
		size += utf8.RuneLen(r)
	}
	if size == t.len() {
		for i, r := range t.runes {
			t.runes[i] = byteChars[r]
		}
		return
	}
	out := t.memory.text(size)
	var buf [utf8.UTFMax]byte
	for i, r := range t.runes {
		for _, b := range buf[:utf8.EncodeRune(buf[:], r)] {
			out.append(byteChars[b], t.places[i])
		}
	}
	*t = out
}

// byteLevel is the pre-tokenizer ByteLevel: it splits as GPT-2 does, or not at all, and turns text into bytes.
type byteLevel struct{ prefixSpace, words bool }

func parseByteLevel(o object) (preTokenizer, error) {
	var b byteLevel
	var err error
	if b.prefixSpace, err = field[bool](o, "add_prefix_space"); err != nil {
		return nil, err
	}
	if _, err = field[bool](o, "trim_offsets"); err != nil { // the post-processor's, but always there
		return nil, err
	}
	b.words, err = fieldOr(o, "use_regex", true)
	return b, err
}

func (b byteLevel) split(m *memory, pieces []piece) []piece {
	return m.splitText(pieces, func(t aligned, c *cut) {
		if b.prefixSpace && t.len() > 0 && t.runes[0] != ' ' {
			t.prepend([]rune{' '})
			c.become(t)
		}
		if !b.words {
			t.toBytes()
			c.turned(0, t)
			return
		}
		for start := 0; start < t.len(); {
			end := gpt2.next(t.runes, start)
			word := t.slice(start, end)
			word.toBytes()
			c.turned(start, word)
			start = end
		}
	})
}

// byteLevelDecoder turns the characters of bytes back into text. A token with another character stays as it is.
type byteLevelDecoder struct{}

func (byteLevelDecoder) decode(tokens []string) []string {
	var out []byte
	for _, t := range tokens {
		before := len(out)
		for _, r := range t {
			if int(r) >= len(charBytes) || charBytes[r] < 0 {
				out = append(out[:before], t...)
				break
			}
			out = append(out, byte(charBytes[r]))
		}
	}
	return []string{lossy(out)}
}

// lossy is text with each ill-formed part replaced by U+FFFD.
func lossy(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	return string(decode(string(text)).text.runes)
}

// trimmer is the post-processor ByteLevel: with trim, the white space at the ends of tokens is taken out of their
// offsets.
type trimmer struct{ trim, prefixSpace bool }

func parseTrimmer(o object) (postProcessor, error) {
	t, err := parseTrim(o)
	return t, err
}

func parseTrim(o object) (t trimmer, err error) {
	if t.trim, err = field[bool](o, "trim_offsets"); err != nil {
		return t, err
	}
	t.prefixSpace, err = field[bool](o, "add_prefix_space")
	return t, err
}

func (trimmer) added(bool) int { return 0 }

func (t trimmer) process(parts []*Encoding, src []source, _ bool) []*Encoding {
	if t.trim {
		for _, p := range parts {
			t.apply(p, src)
		}
	}
	return parts
}

func (t trimmer) apply(e *Encoding, src []source) {
	for _, o := range e.Overflowing {
		t.apply(o, src)
	}
	space := func(r rune) bool { return r == byteSpace || isSpace(r) }
	for i := range e.Len() {
		if e.SequenceIDs[i] < 0 {
			continue
		}
		token := e.Token(i)
		at := &e.Offsets[i]
		trimmed := strings.TrimLeftFunc(token, space)
		left := int32(utf8.RuneCountInString(token[:len(token)-len(trimmed)]))
		trimmed = strings.TrimRightFunc(token, space)
		right := int32(utf8.RuneCountInString(token[len(trimmed):]))
		if left == 0 && right == 0 {
			continue
		}
		if left == 1 && t.prefixSpace && (i == 0 || at[0] == 0) {
			left = 0 // the space that the pre-tokenizer put there
		}
		at[0] = min(at[0]+left, at[1])
		if right > 0 && at[1] >= right {
			at[1] = max(at[1]-right, at[0])
		}
		e.ByteOffsets[i] = src[e.SequenceIDs[i]].bytes(place{at[0], at[1]})
	}
}
