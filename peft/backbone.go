package peft

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/engine"
)

// Engine runs graphs: the pure-Go one, or XLA on a CPU or GPU.
type Engine = engine.Engine

// OpenEngine opens an engine by name: "go", "xla:cpu", "xla:cuda", or a PJRT plugin's path. An empty name means the
// environment variable GOMLX_BACKEND, else "go". Backbones may share one.
func OpenEngine(name string) (*Engine, error) { return engine.Open(name) }

// Backbone is a frozen pretrained model: an architecture and its values. It is immutable and safe for concurrent
// use; adapters are never part of it. Its values are shared by every compiled program.
type Backbone struct {
	model   Model
	info    Info
	list    []Site
	sites   map[string]Site
	aliases map[string]string // path by alias
	frozen  Tensors
	paths   []string // of frozen, sorted
	modules []string
	untied  string // the paths of values that were tied before merging; programs differ by them
	rt      *runtime
	origin  Origin
	base    *Backbone // before merging, nil when nothing was merged
}

// Origin is where a backbone came from, for writing it out again.
type Origin struct {
	Dir    string // the checkpoint's folder, "" when there is none
	Config []byte // its config.json
	// Tied maps the path of a value to the one it is the same as. The second is written, the first is not.
	Tied map[string]string
	// Stored maps the path of a value to its name in the checkpoint, where that is another.
	Stored map[string]string
	// Drawn lists the values that the checkpoint lacks and that were drawn from a seed: a new head.
	Drawn []string
	// Buffers lists values that are no parameters to transformers, and not counted as such.
	Buffers []string
}

// NewBackbone joins an architecture with its values by path, which it takes over.
func NewBackbone(m Model, values Tensors, e *Engine, from Origin) (*Backbone, error) {
	if e == nil {
		return nil, fmt.Errorf("%w: a backbone needs an engine", ErrInput)
	}
	b := &Backbone{model: m, rt: newRuntime(e), origin: from, frozen: values}
	for path, same := range from.Tied {
		if values[same] == nil {
			return nil, fmt.Errorf("%w: %s is tied to %s, which is not there", ErrInput, path, same)
		}
		values[path] = values[same]
	}
	b.index()
	return b, nil
}

func (b *Backbone) index() {
	b.info, b.list = b.model.Info(), b.model.Sites()
	b.sites, b.aliases = make(map[string]Site, len(b.list)), map[string]string{}
	for _, s := range b.list {
		b.sites[s.Path] = s
		if s.Alias != "" {
			b.aliases[s.Alias] = s.Path
		}
	}
	b.paths = slices.Sorted(maps.Keys(b.frozen))
	b.modules = modulesOf(b.paths)
	for _, path := range slices.Sorted(maps.Keys(b.origin.Tied)) {
		if b.frozen[path] != b.frozen[b.origin.Tied[path]] {
			b.untied += ";untied " + path
		}
	}
}

// Info describes the backbone.
func (b *Backbone) Info() Info { return b.info }

// Sites lists where adapters may act.
func (b *Backbone) Sites() []Site { return slices.Clone(b.list) }

// Engine gives the engine that runs the backbone.
func (b *Backbone) Engine() *Engine { return b.rt.engine }

// Origin says where the backbone came from.
func (b *Backbone) Origin() Origin { return b.origin }

// Values yields the frozen values by path, sorted. They must not be changed or finalised.
func (b *Backbone) Values() func(yield func(string, *Tensor) bool) {
	return func(yield func(string, *Tensor) bool) {
		for _, p := range b.paths {
			if !yield(p, b.frozen[p]) {
				return
			}
		}
	}
}

// swapped reports whether files hold a frozen value with its axes the other way round; see Site.FanInFanOut.
func (b *Backbone) swapped(path string) bool {
	module, ok := strings.CutSuffix(path, ".weight")
	return ok && b.sites[module].FanInFanOut
}

// replaced copies the frozen value that a param stands for, laid out like the param.
func (b *Backbone) replaced(p *Param) ([]float32, error) {
	t := b.frozen[p.Replaces]
	if t == nil {
		return nil, fmt.Errorf("%w: backbone has no value %q", ErrTensor, p.Replaces)
	}
	t, err := p.laidOut(t)
	if err != nil {
		return nil, err
	}
	return floats(t)
}

// NumParams counts the frozen parameters, tied ones once. Running statistics and buffers are none.
func (b *Backbone) NumParams() int {
	n := 0
	for path, t := range b.frozen {
		if _, tied := b.origin.Tied[path]; !tied && !b.isStatistic(path) && !slices.Contains(b.origin.Buffers, path) {
			n += t.Size()
		}
	}
	return n
}

// Forward runs the bare backbone on forward's arguments.
func (b *Backbone) Forward(ctx context.Context, in Tensors) (Tensors, error) {
	return (&Adapted{backbone: b}).Forward(ctx, Base(), in)
}

// with gives a backbone that shares everything but the given values.
func (b *Backbone) with(changed Tensors) *Backbone {
	out := &Backbone{model: b.model, rt: b.rt, origin: b.origin, frozen: maps.Clone(b.frozen), base: b}
	maps.Copy(out.frozen, changed)
	out.index()
	return out
}

// Unmerge gives the backbone as it was before adapters were merged into it, to the bit: merging makes new values and
// keeps the old. It is the backbone itself where nothing was merged.
func (b *Backbone) Unmerge() *Backbone {
	if b.base == nil {
		return b
	}
	return b.base.Unmerge()
}

func (b *Backbone) blueprint(c *Common, defaults map[string]Targets, lenient bool) (*Blueprint, error) {
	saved, err := c.savedModules(b.modules, lenient)
	if err != nil {
		return nil, err
	}
	return &Blueprint{
		Info: b.info, Sites: b.list, modules: b.modules, modulesToSave: saved,
		taskType: c.TaskType, defaults: defaults, lenient: lenient, tied: b.origin.Tied,
		shapes: func(path string) ([]int, bool) {
			t := b.frozen[path]
			if t == nil {
				return nil, false
			}
			return slices.Clone(t.Shape().Dimensions), true
		},
	}, nil
}
