package tokenizer

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// decomposeAll puts t into the canonical decomposition (NFD, UAX #15) of Unicode 9, the reference's version:
// of a decomposed character the first part takes its place and the others are inserted after it, then marks
// are sorted by their combining class.
func (t *aligned) decomposeAll() {
	if !needsNFD(t.runes) {
		return
	}
	t.transform(t.decomposition(eachPart), 0)
}

// decomposition lists the parts of the characters, by each, in canonical order.
func (t *aligned) decomposition(each func(rune, func(rune))) []change {
	changes := t.memory.changes.take(t.len() + 8)
	run := 0 // where the marks after the last starter begin
	n := 0
	add := func(part rune) {
		if combiningClass(part) == 0 {
			sortMarks(changes[min(run, len(changes)):])
			run = len(changes) + 1
		}
		changes = append(changes, change{part, n})
		n = 1
	}
	for _, r := range t.runes {
		n = 0
		each(r, add)
	}
	sortMarks(changes[min(run, len(changes)):])
	return changes
}

// sortMarks brings a run of combining marks into canonical order.
func sortMarks(run []change) {
	if len(run) > 1 {
		slices.SortStableFunc(run, func(a, b change) int {
			return int(combiningClass(a.r)) - int(combiningClass(b.r))
		})
	}
}

// needsNFD is false for text that certainly has neither decompositions nor marks.
func needsNFD(runes []rune) bool {
	for _, r := range runes {
		if r >= 0xC0 {
			return true
		}
	}
	return false
}

// eachPart calls yield with the full canonical decomposition of r.
func eachPart(r rune, yield func(rune)) {
	if r < 0xC0 || unicode.Is(laterDecomposed, r) {
		yield(r)
		return
	}
	if s := r - 0xAC00; s >= 0 && s < 11172 { // Hangul syllables, by arithmetic (Unicode Standard 3.12)
		yield(0x1100 + s/588)
		yield(0x1161 + s%588/28)
		if tail := s % 28; tail > 0 {
			yield(0x11A7 + tail)
		}
		return
	}
	yieldAll(r, properties(r).Decomposition(), yield)
}

// eachCompatiblePart calls yield with the full compatibility decomposition of r.
func eachCompatiblePart(r rune, yield func(rune)) {
	switch {
	case r < 0xA0, unicode.Is(laterCompatible, r):
		yield(r)
	case r >= 0xAC00 && r < 0xAC00+11172:
		eachPart(r, yield)
	default:
		var buf [utf8.UTFMax]byte
		yieldAll(r, norm.NFKD.Properties(buf[:utf8.EncodeRune(buf[:], r)]).Decomposition(), yield)
	}
}

func yieldAll(r rune, parts []byte, yield func(rune)) {
	if parts == nil {
		yield(r)
		return
	}
	for len(parts) > 0 {
		part, size := utf8.DecodeRune(parts)
		yield(part)
		parts = parts[size:]
	}
}

func combiningClass(r rune) uint8 {
	if r < 0x300 || !unicode.Is(combining, r) {
		return 0
	}
	return properties(r).CCC()
}

func properties(r rune) norm.Properties {
	var buf [utf8.UTFMax]byte
	return norm.NFD.Properties(buf[:utf8.EncodeRune(buf[:], r)])
}

// laterDecomposed are characters whose decomposition came after Unicode 9: they stay whole.
var laterDecomposed = &unicode.RangeTable{
	R32: []unicode.Range32{
		{0x105C9, 0x105C9, 1}, {0x105E4, 0x105E4, 1}, {0x11383, 0x11383, 1}, {0x11385, 0x11385, 1},
		{0x1138E, 0x1138E, 1}, {0x11391, 0x11391, 1}, {0x113C5, 0x113C5, 1}, {0x113C7, 0x113C8, 1},
		{0x11938, 0x11938, 1}, {0x16121, 0x16128, 1}, {0x16D68, 0x16D6A, 1},
	},
}
