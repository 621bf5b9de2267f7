package main

import (
	"math/rand/v2"
	"strings"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// texts makes random texts that are hard on tokenizers.
type texts struct {
	rng    *rand.Rand
	tokens []string // of the vocabulary
	added  []string // its first and last tokens, among which are the special ones
}

func newTexts(rng *rand.Rand, tok tokenizer.Tokenizer) *texts {
	t := &texts{rng: rng}
	size := int32(tok.VocabSize())
	for id := range size {
		if s, ok := tok.IDToToken(id); ok {
			t.tokens = append(t.tokens, s)
			if id < 8 || id >= size-8 {
				t.added = append(t.added, s)
			}
		}
	}
	return t
}

// blocks are ranges of characters with something about them: planes, scripts, marks, controls, signs.
var blocks = [][2]rune{
	{0x20, 0x7E}, {0x20, 0x7E}, {0x20, 0x7E}, {0x20, 0x7E}, {0x01, 0xFF}, {0xA0, 0x24F}, {0x250, 0x36F}, {0x300, 0x36F},
	{0x370, 0x52F}, {0x590, 0x6FF}, {0x700, 0x8FF}, {0x900, 0xDFF}, {0xE00, 0xFFF}, {0x1000, 0x11FF}, {0x1200, 0x1AFF},
	{0x1AB0, 0x1AFF}, {0x1B00, 0x1DFF}, {0x1E00, 0x1FFF}, {0x2000, 0x206F}, {0x2070, 0x2BFF}, {0x2C00, 0x2FFF},
	{0x3000, 0x30FF}, {0x3100, 0x33FF}, {0x3400, 0x9FFF}, {0xA000, 0xABFF}, {0xAC00, 0xD7FF}, {0xE000, 0xF8FF},
	{0xF900, 0xFAFF}, {0xFB00, 0xFE0F}, {0xFE10, 0xFFFF}, {0x10000, 0x10FFF}, {0x11000, 0x11FFF}, {0x12000, 0x16FFF},
	{0x17000, 0x1CFFF}, {0x1D000, 0x1DFFF}, {0x1E000, 0x1EFFF}, {0x1F000, 0x1FAFF}, {0x20000, 0x2FFFF},
	{0x30000, 0x3FFFF}, {0xE0000, 0xE01FF}, {0xF0000, 0x10FFFF},
}

var (
	spaces = []string{
		" ", " ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", " \n", "\n ", "\u00A0", "\u3000", "\u2028", "\u0085", "\v\f", "\u200B", " \u2003 ",
	}
	snippets = []string{
		"'s", "'S", "'LL", "'ll", "'re", "'VE", "'m", "'d", "'\u017F", "'t", "don't", "123", "1234567", "3.14", "\u0663\u0664",
		"...", "!?", "--", "\u00E9", "e\u0301", "\uFB01", "\u1E9B\u0323", "\u0130", "\u00DF", "\uAC01", "\u1100\u1161\u11A8", "\u00BD", "\uFDFA",
		"\U0001F468\u200D\U0001F469", "\U0001F1E9\U0001F1EA", "\u0915\u093F", "\uFFFD", "\uFEFF", "\u2581", "\u0120", "<0x41>", "<", ">",
		"The quick brown fox", "Hello", "world", "tokenization",
	}
)

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

func (t *texts) next() string {
	var out strings.Builder
	for range pick(t.rng, []int{1, 1, 2, 4, 8, 16}) {
		t.part(&out)
	}
	return out.String()
}

func (t *texts) part(out *strings.Builder) {
	switch k := t.rng.IntN(100); {
	case k < 35:
		b := pick(t.rng, blocks)
		for range 1 + t.rng.IntN(6) {
			if r := b[0] + t.rng.Int32N(b[1]-b[0]+1); r < 0xD800 || r > 0xDFFF {
				out.WriteRune(r)
			}
		}
	case k < 55:
		out.WriteString(strings.TrimPrefix(pick(t.rng, t.tokens), "##"))
	case k < 70:
		for range 1 + t.rng.IntN(3) {
			out.WriteString(pick(t.rng, spaces))
		}
	case k < 86:
		out.WriteString(pick(t.rng, snippets))
	case k < 95:
		out.WriteString(pick(t.rng, t.added))
	case k < 99: // marks
		for range 1 + t.rng.IntN(8) {
			out.WriteRune(pick(t.rng, []rune("aeou\u00e9\u1e69\u0301\u0323\u0327\u0345\u0334\u05b0\u3099\u0f71")))
		}
	default: // a long word
		letters := pick(t.rng, []string{"a", "ab", "abcdefghij", "\u00e9x", "\u65e5\u672c", "x1-"})
		out.WriteString(strings.Repeat(letters, 1+t.rng.IntN(200)))
	}
}
