package seam

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
)

// Frozen is a model together with its frozen values. Adapters are planned for it (Plan), and graphs are built of it (Build).
// Package peft makes one for each backbone. It is immutable and safe for concurrent use.
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

// NewFrozen joins a model with its values by path, which belong to it from then on. Where two paths share one value, tied
// maps the one to the other, under which values has it; where it is not there the error matches ErrInput.
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

// With gives a copy in which the given values, by path, take the place of the old ones; all others are shared with f. Of two
// paths that share a value, one may change without the other.
func (f *Frozen) With(changed Tensors) *Frozen {
	values := maps.Clone(f.values)
	maps.Copy(values, changed)
	return index(f.model, values, f.tied)
}

// Model gives the model that the values were joined with.
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

// PathOf gives the path of the site that has an alias (Site.Alias), and whether there is one.
func (f *Frozen) PathOf(alias string) (string, bool) {
	path, ok := f.aliases[alias]
	return path, ok
}

// Paths lists the paths of the frozen values, sorted.
func (f *Frozen) Paths() []string { return slices.Clone(f.paths) }

// Value gives a frozen value, nil where there is none of that path. It must not be changed.
func (f *Frozen) Value(path string) *Tensor { return f.values[path] }

// Shape gives the shape of the frozen value at a path, such as "bert.pooler.dense.bias", and whether there is one.
func (f *Frozen) Shape(path string) ([]int, bool) {
	t := f.values[path]
	if t == nil {
		return nil, false
	}
	return slices.Clone(t.Shape().Dimensions), true
}

// floats copies the frozen value at a path, row by row, and gives its shape.
func (f *Frozen) floats(path string) ([]float32, []int, error) {
	t := f.values[path]
	if t == nil {
		return nil, nil, fmt.Errorf("%w: backbone has no value %q", ErrTensor, path)
	}
	flat, err := safetensors.Floats(t)
	return flat, slices.Clone(t.Shape().Dimensions), err
}

// IsStatistic reports whether the frozen value at a path is a running statistic of a batch norm or its count of batches,
// which are not counted as parameters.
func (f *Frozen) IsStatistic(path string) bool {
	module, name := names.CutLast(path)
	return f.sites[module].Running && isStatistic(name)
}

// trainable lists the paths of the values that a gradient can change, all those of one value together: first the one that
// checkpoints have it under.
func (f *Frozen) trainable(buffers []string) [][]string {
	var out [][]string
	at := map[string]int{}
	for _, path := range f.paths {
		if f.IsStatistic(path) || !f.values[path].DType().IsFloat() || slices.Contains(buffers, path) {
			continue
		}
		owner := path
		if same, tied := f.tied[path]; tied && f.values[path] == f.values[same] {
			owner = same
		}
		i, known := at[owner]
		if !known {
			i, at[owner] = len(out), len(out)
			out = append(out, nil)
		}
		if path == owner {
			out[i] = slices.Insert(out[i], 0, path)
		} else {
			out[i] = append(out[i], path)
		}
	}
	return out
}

func isStatistic(name string) bool {
	return name == RunningMean || name == RunningVar || name == BatchesTracked
}

// Replaced copies the frozen value that a param replaces (Param.Replaces), row by row and with its axes in the param's order.
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
