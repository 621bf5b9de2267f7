package tokenizer

import "sort"

// graphemeClass is a class of UAX #29, which says where what a reader takes for one character ends.
type graphemeClass uint8

const (
	gOther graphemeClass = iota
	gCR
	gLF
	gControl
	gExtend
	gZWJ
	gRegional
	gPrepend
	gSpacingMark
	gL
	gV
	gT
	gLV
	gLVT
	gPictographic
	gConsonant // of scripts whose consonants join
)

type graphemeRange struct {
	low, high rune
	class     graphemeClass
}

func graphemeClassOf(r rune) graphemeClass {
	if r >= ' ' && r < 0x7F {
		return gOther
	}
	if r >= 0xAC00 && r < 0xAC00+11172 {
		if (r-0xAC00)%28 == 0 {
			return gLV
		}
		return gLVT
	}
	i := sort.Search(len(graphemeRanges), func(i int) bool { return graphemeRanges[i].high >= r })
	if i < len(graphemeRanges) && graphemeRanges[i].low <= r {
		return graphemeRanges[i].class
	}
	return gOther
}

// isLinker reports a virama that joins consonants.
func isLinker(r rune) bool {
	switch r {
	case 0x094D, 0x09CD, 0x0ACD, 0x0B4D, 0x0C4D, 0x0D4D:
		return true
	}
	return false
}

// grapheme returns how many characters of text, which is not empty, make its first grapheme cluster.
func grapheme(text []rune) int {
	last := graphemeClassOf(text[0])
	regional := 0
	if last == gRegional {
		regional = 1
	}
	pictographic := last == gPictographic // and only extensions since
	consonant, linked := last == gConsonant, false
	for i := 1; i < len(text); i++ {
		c := graphemeClassOf(text[i])
		joins := false
		switch {
		case last == gCR && c == gLF:
			joins = true
		case last == gCR, last == gLF, last == gControl, c == gCR, c == gLF, c == gControl:
		case last == gL && (c == gL || c == gV || c == gLV || c == gLVT),
			(last == gLV || last == gV) && (c == gV || c == gT),
			(last == gLVT || last == gT) && c == gT,
			c == gExtend, c == gZWJ, c == gSpacingMark, last == gPrepend,
			c == gConsonant && consonant && linked,
			c == gPictographic && pictographic && last == gZWJ,
			c == gRegional && last == gRegional && regional%2 == 1:
			joins = true
		}
		if !joins {
			return i
		}
		switch c {
		case gExtend, gZWJ:
			linked = linked || isLinker(text[i])
		case gRegional:
			regional++
		default:
			consonant, linked = c == gConsonant, false
			pictographic = c == gPictographic
		}
		last = c
	}
	return len(text)
}
