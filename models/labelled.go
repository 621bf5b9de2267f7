package models

import (
	"slices"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// LoadLabelled is Load for data with these classes. A checkpoint that classifies sequences keeps its own head where
// its classes include them; else, and where it has no such head, it gets a head with these classes. One name makes a
// head for regression.
func LoadLabelled(dir string, names []string, opts ...Option) (*peft.Backbone, error) {
	o, _, err := gather(opts)
	if err != nil {
		return nil, err
	}
	own, err := Inspect(dir, Revision(o.revision))
	if err != nil {
		return nil, err
	}
	asked, err := Inspect(dir, opts...)
	if err != nil {
		return nil, err
	}
	keep := own.Task == arch.SequenceClass && !slices.ContainsFunc(names, func(n string) bool { return !slices.Contains(own.Labels, n) })
	if asked.Task == arch.SequenceClass && !keep {
		opts = append(opts, Labels(names...))
	}
	return Load(dir, opts...)
}
