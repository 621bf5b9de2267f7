package peft

import (
	"slices"
	"strings"
)

// near gives up to five candidates that look most like name, judged by the last part of each path.
func near(name string, candidates []string) []string {
	last := name[strings.LastIndex(name, ".")+1:]
	type scored struct {
		text string
		dist int
	}
	best := map[string]int{}
	for _, c := range candidates {
		short := c
		if !strings.Contains(name, ".") {
			short = c[strings.LastIndex(c, ".")+1:]
			best[short] = distance(last, short)
		} else {
			best[short] = distance(name, short)
		}
	}
	var all []scored
	for text, dist := range best {
		all = append(all, scored{text, dist})
	}
	slices.SortFunc(all, func(a, b scored) int {
		if a.dist != b.dist {
			return a.dist - b.dist
		}
		return strings.Compare(a.text, b.text)
	})
	var out []string
	for _, s := range all[:min(5, len(all))] {
		out = append(out, s.text)
	}
	return out
}

// distance is Levenshtein's edit distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, diag+1)
		}
	}
	return row[len(b)]
}
