package models

import (
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/models/arch"
)

// Registration describes a kind of models that Load opens.
type Registration struct {
	ModelType string   // its "model_type" in config.json, as "distilbert"
	Name      string   // what the names of its classes in transformers begin with, as "DistilBert"
	Tasks     []string // the heads that Head can ask for, sorted; "" is the model without a head
}

// Registered describes all kinds of models that Load opens, sorted by model_type.
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
