package seam

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
)

// Frozen is a model with its frozen values: what adapters are planned for and what graphs are built of. Package peft makes
// one for each backbone. It is immutable and safe for concurrent use.
type Frozen struct {
	model   Model
	info    Info
	list    []Site
	sites   map[string]Site
	aliases map[string]string // path by alias
	values  Tensors
	tied    map[string]string // the path of a value to the one it is the same as
	paths   []string          // of values, sorted
	modules []string          // every module that holds a value or contains one that does, sorted
}

// NewFrozen joins a model with its values by path, which it takes over. tied maps the path of a value that is the same as
// another to that one's path; the other must be there.
func NewFrozen(m Model, values Tensors, tied map[string]string) (*Frozen, error) {
	for path, same := range tied {
		if values[same] == nil {
			return nil, fmt.Errorf("%w: %s is tied to %s, which is not there", ErrInput, path, same)
		}
		values[path] = values[same]
	}
	return index(m, values, tied), nil
}

func index(m Model, values Tensors, tied map[string]string) *Frozen {
	f := &Frozen{model: m, values: values, tied: tied, info: m.Info(), list: m.Sites(), aliases: map[string]string{}}
	f.sites = make(map[string]Site, len(f.list))
	for _, s := range f.list {
		f.sites[s.Path] = s
		if s.Alias != "" {
			f.aliases[s.Alias] = s.Path
		}
	}
	f.paths = slices.Sorted(maps.Keys(values))
	f.modules = modulesOf(f.paths)
	return f
}

// With gives a model that shares everything but the given values, of which one that was tied may differ from the other.
func (f *Frozen) With(changed Tensors) *Frozen {
	values := maps.Clone(f.values)
	maps.Copy(values, changed)
	return index(f.model, values, f.tied)
}

// Model gives the architecture.
func (f *Frozen) Model() Model { return f.model }

// Info describes the model.
func (f *Frozen) Info() Info { return f.info }

// Sites lists the places where adapters may act, in the model's order.
func (f *Frozen) Sites() []Site { return slices.Clone(f.list) }

// Site gives the site at a path, and whether there is one.
func (f *Frozen) Site(path string) (Site, bool) {
	s, ok := f.sites[path]
	return s, ok
}

// PathOf gives the path of the site with an alias, and whether there is one; see Site.Alias.
func (f *Frozen) PathOf(alias string) (string, bool) {
	path, ok := f.aliases[alias]
	return path, ok
}

// Paths lists the paths of the frozen values, sorted.
func (f *Frozen) Paths() []string { return slices.Clone(f.paths) }

// Value gives a frozen value, nil where there is none of that path. It must not be changed.
func (f *Frozen) Value(path string) *Tensor { return f.values[path] }

// Shape gives the shape of a frozen value, as of "bert.pooler.dense.bias", and whether there is one.
func (f *Frozen) Shape(path string) ([]int, bool) {
	t := f.values[path]
	if t == nil {
		return nil, false
	}
	return slices.Clone(t.Shape().Dimensions), true
}

// IsStatistic reports whether a frozen value is a batch norm's running statistic or its count of batches, no parameter.
func (f *Frozen) IsStatistic(path string) bool {
	module, name := names.CutLast(path)
	return f.sites[module].Running && isStatistic(name)
}

func isStatistic(name string) bool {
	return name == RunningMean || name == RunningVar || name == BatchesTracked
}

// Replaced copies the frozen value that a param stands for, laid out like the param, row by row.
func (f *Frozen) Replaced(p *Param) ([]float32, error) {
	t := f.values[p.Replaces]
	if t == nil {
		return nil, fmt.Errorf("%w: backbone has no value %q", ErrTensor, p.Replaces)
	}
	t, err := p.LaidOut(t)
	if err != nil {
		return nil, err
	}
	return safetensors.Floats(t)
}
