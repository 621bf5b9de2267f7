package models

import (
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/models/arch"
)

// Registration is what the registry knows of a family.
type Registration struct {
	ModelType string   // as in config.json
	Name      string   // as transformers' classes begin, as "DistilBert"
	Tasks     []string // the heads that Task takes, sorted; "", the bare model, first where there is one
}

// Registered describes the families that Load opens, sorted by model_type.
func Registered() []Registration {
	var out []Registration
	for _, f := range families() {
		tasks := slices.Sorted(maps.Values(f.Tasks))
		out = append(out, Registration{ModelType: f.ModelType, Name: nameOf(f), Tasks: slices.Compact(tasks)})
	}
	slices.SortFunc(out, func(a, b Registration) int { return strings.Compare(a.ModelType, b.ModelType) })
	return out
}

// nameOf is what the family's classes have in common.
func nameOf(f arch.Family) string {
	classes := slices.Sorted(maps.Keys(f.Tasks))
	first, last := classes[0], classes[len(classes)-1]
	n := 0
	for n < min(len(first), len(last)) && first[n] == last[n] {
		n++
	}
	return strings.TrimSuffix(first[:n], "Model")
}
