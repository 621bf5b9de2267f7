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

func (unicodeScripts) split(m *memory, pieces []piece) []piece {
	return m.splitText(pieces, func(t aligned, c *cut) {
		start, last := -1, int16(anyScript)
		for i, r := range t.runes {
			script := scriptOf(r)
			if script == anyScript || script == last {
				continue
			}
			if start >= 0 {
				c.add(start, i)
			}
			start, last = i, script
		}
		if start >= 0 {
			c.add(start, t.len())
		}
	})
}
