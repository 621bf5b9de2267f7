package peft

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Backbone is a frozen pretrained model: an architecture and its values. models.Load opens one; [Attach] and [New]
// put adapters on it, which never change it. It may be used by many goroutines and under many [Adapted] at once,
// which then share its memory and its compiled programs. The zero value is no model, and
// [Backbone.Forward] and all that takes a model refuse it.
type Backbone struct {
	net    *seam.Frozen
	untied string // which values were one before merging made them differ; part of a program's key
	sizes  string // vocabulary and classes, where they differ from those of the backbone it was made from; part of a program's key
	rt     *runtime
	origin seam.Origin
	base   *Backbone // before merging, nil when nothing was merged
	layers []int     // the block of base that each block is, where the list of them is another; else nil
	life   *lifetime
}

// NewBackbone makes a backbone of an architecture and its values by path. It is for authors of models and loaders;
// users call models.Load. The backbone takes the values over. A nil engine or model, and a value
// that is tied to one that is not there, match [ErrInput]; whether all values are there is for the loader to see.
func NewBackbone(m seam.Model, values Tensors, e *Engine, from seam.Origin) (*Backbone, error) {
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
	e.join(b)
	return b, nil
}

// Info describes the model: family, head, classes, sizes.
func (b *Backbone) Info() Info { return b.model().Info() }

// Sites lists the modules at which adapters may act, with the kind and shape of each. [Adapted.Summary] prints them.
func (b *Backbone) Sites() []seam.Site { return b.model().Sites() }

// Engine gives the engine that computes the model.
func (b *Backbone) Engine() *Engine {
	if b.none() {
		return nil
	}
	return b.rt.engine
}

// Origin says where the model came from. What it refers to must not be changed.
func (b *Backbone) Origin() seam.Origin {
	if b.none() {
		return seam.Origin{}
	}
	return b.origin
}

// Values yields the model's values by path, sorted; paths are transformers' names. The tensors must not be changed or
// finalised.
func (b *Backbone) Values() func(yield func(string, *Tensor) bool) {
	return func(yield func(string, *Tensor) bool) {
		for _, p := range b.model().Paths() {
			if !yield(p, b.net.Value(p)) {
				return
			}
		}
	}
}

// swapped reports whether files hold a value with its two axes the other way round; see Site.FanInFanOut.
func (b *Backbone) swapped(path string) bool {
	module, ok := strings.CutSuffix(path, ".weight")
	return ok && b.site(module).FanInFanOut
}

// NumParams counts the model's parameters. Values that are the same count once; running statistics of batch norms and
// buffers don't count.
func (b *Backbone) NumParams() int {
	n, seen := 0, map[*Tensor]bool{}
	for path, t := range b.Values() {
		if _, tied := b.origin.Tied[path]; !tied && !seen[t] && !b.net.IsStatistic(path) && !slices.Contains(b.origin.Buffers, path) {
			seen[t] = true
			n += t.Size()
		}
	}
	return n
}

// Forward runs the model without adapters. Arguments and outputs are those of [Adapted.Forward].
func (b *Backbone) Forward(ctx context.Context, in Tensors) (Tensors, error) {
	if b == nil || b.net == nil {
		return nil, errNoBackbone
	}
	return New(b).Forward(ctx, Base(), in)
}

// with gives a backbone that has these values and shares all others.
func (b *Backbone) with(changed Tensors) *Backbone {
	out := &Backbone{net: b.net.With(changed), rt: b.rt, origin: b.origin, base: b, sizes: b.sizes, layers: b.layers, life: new(lifetime)}
	out.noteUntied()
	out.rt.engine.join(out)
	return out
}

// noteUntied notes which values were tied and differ now, since that makes another program.
func (b *Backbone) noteUntied() {
	for _, path := range b.net.Untied() {
		b.untied += ";untied " + path
	}
}

// site gives the site at a path, the zero value where there is none.
func (b *Backbone) site(path string) seam.Site {
	s, _ := b.net.Site(path)
	return s
}

// Unmerge gives the model as it was before [Adapted.Merge] folded adapters into it, to the bit: merging makes new
// values and keeps the old. It is the backbone itself where nothing was merged.
func (b *Backbone) Unmerge() *Backbone {
	if b.none() || b.base == nil {
		return b
	}
	return b.base.Unmerge()
}

// none reports a nil Backbone or the zero one, which stand for no model.
func (b *Backbone) none() bool { return b == nil || b.net == nil }

// model gives what the backbone is made of, an empty one where there is none.
func (b *Backbone) model() *seam.Frozen {
	if b.none() {
		return new(seam.Frozen)
	}
	return b.net
}
