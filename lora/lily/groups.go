package lily

import (
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// groups gives the sites that share values, each list in the model's order: those that the same name among the targets means, the
// longest of the names that do, and that agree in size. A pattern is one name.
func groups(b *seam.Blueprint, plan *seam.Plan) [][]string {
	type kind struct {
		name    string
		in, out int
	}
	var order []kind
	of := map[kind][]string{}
	names := plan.Targets.Names()
	for _, path := range plan.Sites {
		s, _ := b.Site(path)
		k := kind{in: s.In, out: s.Out}
		for _, name := range names {
			if (strings.HasSuffix(path, name) || strings.HasSuffix(s.Alias, name)) && len(name) > len(k.name) {
				k.name = name
			}
		}
		if of[k] == nil {
			order = append(order, k)
		}
		of[k] = append(of[k], path)
	}
	var out [][]string
	for _, k := range order {
		out = append(out, of[k])
	}
	return out
}

// many is from how many names on HF PEFT puts shorter ones in their place.
const many = 20

// condensed gives the targets as HF PEFT has them once it has read them, so that it makes the same groups of our files: where
// they are a long list, the shortest ends of paths that tell them from all other modules, if these are fewer.
func condensed(b *seam.Blueprint, plan *seam.Plan) seam.Targets {
	names := plan.Targets.Names()
	if len(names) < many {
		return plan.Targets
	}
	others := map[string]bool{}
	for _, s := range b.Sites {
		if meant, err := plan.Targets.Means(s.Path); err == nil && !meant {
			for _, end := range ends(s.Path) {
				others[end] = true
			}
		}
	}
	sorted := make([][]string, len(names))
	for i, name := range names {
		sorted[i] = ends(name)
	}
	slices.SortFunc(sorted, slices.Compare[[]string])
	var short []string
	for _, candidates := range sorted {
		whole := candidates[len(candidates)-1]
		for _, end := range candidates {
			if slices.Contains(short, end) || others[end] {
				continue
			}
			if !slices.ContainsFunc(short, func(s string) bool { return strings.HasSuffix(whole, "."+s) }) {
				short = append(short, end)
				break
			}
		}
	}
	if len(short) >= len(names) {
		return plan.Targets
	}
	return seam.Match(short...)
}

// ends gives the ends of a path at its dots, the shortest first.
func ends(path string) []string {
	parts := strings.Split(path, ".")
	var out []string
	for i := len(parts) - 1; i >= 0; i-- {
		out = append(out, strings.Join(parts[i:], "."))
	}
	return out
}
