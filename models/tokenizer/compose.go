package tokenizer

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// compose puts t into the canonical composition (NFC, UAX #15) of Unicode 9, the reference's version.
func (t *aligned) compose() { t.recompose(eachPart) }

// composeCompatible puts t into the compatibility composition (NFKC).
func (t *aligned) composeCompatible() { t.recompose(eachCompatiblePart) }

// decomposeCompatible puts t into the compatibility decomposition (NFKD).
func (t *aligned) decomposeCompatible() {
	if needsCompatible(t.runes) {
		t.transform(t.decomposition(eachCompatiblePart), 0)
	}
}

func needsCompatible(runes []rune) bool {
	for _, r := range runes {
		if r >= 0xA0 {
			return true
		}
	}
	return false
}

// recompose decomposes t and joins again what there is a single character for. A joined character takes the place of
// its first part, and the places of the others are dropped.
func (t *aligned) recompose(each func(rune, func(rune))) {
	if !needsCompatible(t.runes) {
		return
	}
	parts := t.decomposition(each)
	out := t.memory.changes.take(len(parts))
	base := -1      // index in out of the last starter
	var class uint8 // combining class of what was last put after it; 0 for nothing
	for _, p := range parts {
		c := combiningClass(p.r)
		if base < 0 {
			if c == 0 {
				base = len(out)
			}
			out = append(out, p)
			continue
		}
		if class == 0 || class < c { // not blocked
			if r, ok := composite(out[base].r, p.r); ok {
				out[base].r = r
				out[base].n += p.n - 1
				continue
			}
		}
		out = append(out, p)
		if class = c; c == 0 {
			base = len(out) - 1
		}
	}
	t.transform(out, 0)
}

// composite returns the character that a and b are joined to.
func composite(a, b rune) (rune, bool) {
	const syllables, vowels, tails = 0xAC00, 0x1161, 0x11A7
	switch {
	case a >= 0x1100 && a < 0x1113 && b >= vowels && b < vowels+21:
		return syllables + (a-0x1100)*588 + (b-vowels)*28, true
	case a >= syllables && a < syllables+11172 && (a-syllables)%28 == 0 && b > tails && b < tails+28:
		return a + b - tails, true
	}
	if b < 0x300 {
		return 0, false
	}
	r, ok := composites()[[2]rune{a, b}]
	return r, ok
}

// composites are the characters that two others are joined to. Package norm joins whole texts only, and allocates for
// each.
var composites = sync.OnceValue(func() map[[2]rune]rune {
	table := make(map[[2]rune]rune)
	var buf [utf8.UTFMax]byte
	for r := rune(0xC0); r < 0x20000; r++ { // beyond are ideographs, which are joined of nothing
		whole := buf[:utf8.EncodeRune(buf[:], r)]
		parts := norm.NFC.Properties(whole).Decomposition()
		if parts == nil || !norm.NFC.IsNormal(whole) || r >= 0xAC00 && r < 0xD7A4 || unicode.Is(laterDecomposed, r) {
			continue
		}
		last, size := utf8.DecodeLastRune(parts)
		first := norm.NFC.Bytes(parts[:len(parts)-size])
		if a, n := utf8.DecodeRune(first); n == len(first) && n > 0 {
			table[[2]rune{a, last}] = r
		}
	}
	return table
})
