package peft

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Backbone is a frozen pretrained model: an architecture and its values. It is immutable and safe for concurrent
// use; adapters are never part of it. Its values are shared by every compiled program.
type Backbone struct {
	net    *seam.Frozen
	untied string // the paths of values that were tied before merging; programs differ by them
	sizes  string // of the vocabulary and the classes where they are not those of the other backbones that share rt
	rt     *runtime
	origin Origin
	base   *Backbone // before merging, nil when nothing was merged
	life   *lifetime
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
	// NewTokens says that the vocabulary is not the checkpoint's. Files of adapters then hold the embeddings of the input and
	// the output, trained or not, as HF PEFT writes them: see save_embedding_layers there.
	NewTokens bool
	// Resized makes the same architecture for a vocabulary of so many tokens (0: it has none) and these classes (nil: its
	// head has none). nil is for a backbone whose sizes are fixed: adapters can't bring others.
	Resized func(vocab int, labels []string) (*Resized, error)
}

// NewBackbone joins an architecture with its values by path, which it takes over.
func NewBackbone(m seam.Model, values Tensors, e *Engine, from Origin) (*Backbone, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fmt.Errorf("%w: a backbone needs a model", ErrInput)
	}
	net, err := seam.NewFrozen(m, values, from.Tied)
	if err != nil {
		return nil, err
	}
	b := &Backbone{net: net, rt: newRuntime(e), origin: from, life: new(lifetime)}
	b.rt.keep(slices.Collect(b.tensors()))
	return b, nil
}

// Info describes the backbone.
func (b *Backbone) Info() Info { return b.net.Info() }

// Sites lists where adapters may act.
func (b *Backbone) Sites() []seam.Site { return b.net.Sites() }

// Engine gives the engine that runs the backbone.
func (b *Backbone) Engine() *Engine { return b.rt.engine }

// Origin says where the backbone came from.
func (b *Backbone) Origin() Origin { return b.origin }

// Values yields the frozen values by path, sorted. They must not be changed or finalised.
func (b *Backbone) Values() func(yield func(string, *Tensor) bool) {
	return func(yield func(string, *Tensor) bool) {
		for _, p := range b.net.Paths() {
			if !yield(p, b.net.Value(p)) {
				return
			}
		}
	}
}

// swapped reports whether files hold a frozen value with its axes the other way round; see Site.FanInFanOut.
func (b *Backbone) swapped(path string) bool {
	module, ok := strings.CutSuffix(path, ".weight")
	return ok && b.site(module).FanInFanOut
}

// NumParams counts the frozen parameters, tied ones once. Running statistics and buffers are none.
func (b *Backbone) NumParams() int {
	n := 0
	for path, t := range b.Values() {
		if _, tied := b.origin.Tied[path]; !tied && !b.net.IsStatistic(path) && !slices.Contains(b.origin.Buffers, path) {
			n += t.Size()
		}
	}
	return n
}

// Forward runs the bare backbone on forward's arguments.
func (b *Backbone) Forward(ctx context.Context, in Tensors) (Tensors, error) {
	if b == nil || b.net == nil {
		return nil, errNoBackbone
	}
	return New(b).Forward(ctx, Base(), in)
}

// with gives a backbone that shares everything but the given values.
func (b *Backbone) with(changed Tensors) *Backbone {
	out := &Backbone{net: b.net.With(changed), rt: b.rt, origin: b.origin, base: b, sizes: b.sizes, life: new(lifetime)}
	out.noteUntied()
	out.rt.keep(slices.Collect(out.tensors()))
	return out
}

func (b *Backbone) noteUntied() {
	for _, path := range slices.Sorted(maps.Keys(b.origin.Tied)) {
		if b.net.Value(path) != b.net.Value(b.origin.Tied[path]) {
			b.untied += ";untied " + path
		}
	}
}

// site gives the site at a path, the zero value where there is none.
func (b *Backbone) site(path string) seam.Site {
	s, _ := b.net.Site(path)
	return s
}

// Unmerge gives the backbone as it was before adapters were merged into it, to the bit: merging makes new values and
// keeps the old. It is the backbone itself where nothing was merged.
func (b *Backbone) Unmerge() *Backbone {
	if b.base == nil {
		return b
	}
	return b.base.Unmerge()
}
