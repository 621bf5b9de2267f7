package tokenizer

import "sort"

// unicodeScripts splits where the script changes, with Hiragana and Katakana as Han. A space is of any script; what
// comes before the first character of some script is dropped, as in the reference.
type unicodeScripts struct{}

// scriptRange is a run of characters of one script, by a number.
type scriptRange struct {
	low, high rune
	script    int16
}

const anyScript = -1

func scriptOf(r rune) int16 {
	if r == ' ' {
		return anyScript
	}
	i := sort.Search(len(scripts), func(i int) bool { return scripts[i].high >= r })
	if i < len(scripts) && scripts[i].low <= r {
		return scripts[i].script
	}
	return anyScript
}

func (unicodeScripts) split(pieces []piece) []piece {
	return splitText(pieces, func(t aligned, out []piece) []piece {
		start, last := -1, int16(anyScript)
		for i, r := range t.runes {
			script := scriptOf(r)
			if script == anyScript || script == last {
				continue
			}
			if start >= 0 {
				out = append(out, piece{text: t.slice(start, i), id: -1})
			}
			start, last = i, script
		}
		if start >= 0 {
			out = append(out, piece{text: t.slice(start, t.len()), id: -1})
		}
		return out
	})
}
