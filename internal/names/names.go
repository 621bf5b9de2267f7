// Package names compares names, so that an error about an unknown one can list what was probably meant.
package names

import (
	"slices"
	"strings"
)

// Near gives up to n of the candidates, those most like name first. A name without dots is compared with the last
// part of each candidate, and those parts are given.
func Near(name string, candidates []string, n int) []string {
	dist := map[string]int{}
	for _, c := range candidates {
		if !strings.Contains(name, ".") {
			c = c[strings.LastIndex(c, ".")+1:]
		}
		if _, seen := dist[c]; !seen {
			dist[c] = Distance(name, c)
		}
	}
	out := make([]string, 0, len(dist))
	for c := range dist {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b string) int {
		if dist[a] != dist[b] {
			return dist[a] - dist[b]
		}
		return strings.Compare(a, b)
	})
	return out[:min(n, len(out))]
}

// Distance is Levenshtein's edit distance in bytes.
func Distance(a, b string) int {
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

// CutLast parts a dotted path from its last name.
func CutLast(path string) (module, name string) {
	i := strings.LastIndex(path, ".")
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}
