package tokenizer

import (
	"cmp"
	"slices"
)

// substring is one that occurs in some words, and how often.
type substring struct {
	text  []rune
	count int
}

// substrings returns those of 2 to longest characters that are followed by different characters, or the end, at
// different places of the words: the inner nodes of the suffix tree.
func substrings(words [][]rune, longest int) []substring {
	var suffixes [][]rune
	for _, w := range words {
		for i := range w {
			suffixes = append(suffixes, w[i:])
		}
	}
	// longest and one more, for what follows; an end sorts before any character
	head := func(s []rune) []rune { return s[:min(len(s), longest+1)] }
	slices.SortFunc(suffixes, func(a, b []rune) int { return slices.Compare(head(a), head(b)) })

	type open struct{ size, from int } // an interval of suffixes with a common beginning, still growing
	var stack []open
	var out []substring
	for i := 1; i <= len(suffixes); i++ {
		size := 0
		if i < len(suffixes) {
			size = common(head(suffixes[i-1]), head(suffixes[i]))
		}
		from := i - 1
		for len(stack) > 0 && stack[len(stack)-1].size > size {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			from = top.from
			if top.size >= 2 && top.size <= longest && branches(suffixes[top.from:i], top.size) {
				out = append(out, substring{suffixes[top.from][:top.size], i - top.from})
			}
		}
		if len(stack) == 0 || stack[len(stack)-1].size < size {
			stack = append(stack, open{size, from})
		}
	}
	return out
}

// branches reports whether not all of the suffixes, which are sorted, end after n characters.
func branches(suffixes [][]rune, n int) bool { return len(suffixes[len(suffixes)-1]) > n }

func common(a, b []rune) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// bySize orders substrings by what they cover, the most first.
func bySize(a, b substring) int {
	return cmp.Or(cmp.Compare(b.count*len(b.text), a.count*len(a.text)), slices.Compare(b.text, a.text))
}
