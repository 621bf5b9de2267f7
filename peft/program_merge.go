package peft

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// Merge folds the selected adapters into the model's weights, in their order, and gives the result as a model of its
// own, which needs no adapter and computes the same. The original keeps its values and its adapters; what was not
// changed is shared by both. [Backbone.Save] writes the result, [Backbone.Unmerge] gives the original again.
//
// An adapter with a vocabulary or classes of its own gives a model of these. Averages, batches mixed by [Rows],
// methods that change no weight and results that are not finite match [ErrMerge].
func (a *Adapted) Merge(ctx context.Context, sel Selection) (*Backbone, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	if err := a.backbone.open(); err != nil {
		return nil, err
	}
	if sel.op == opRows {
		return nil, fmt.Errorf("%w: %s gives each row of a batch its own adapter: merge them one at a time", ErrMerge, sel)
	}
	chains, err := sel.chains()
	if err != nil {
		return nil, err
	}
	if len(chains) != 1 || chains[0].weighted {
		return nil, fmt.Errorf("%w: %s weighs adapters against each other", ErrMerge, sel)
	}
	if _, err := a.resized(sel, chains); err != nil {
		return nil, err
	}
	b := a.backbone
	var together []*Adapter // adapters of the same sizes and layers, which one program folds in as it computes with them
	fold := func() error {
		if len(together) == 0 {
			return nil
		}
		changed, err := merged(ctx, b, together)
		if err != nil {
			return err
		}
		b, together = b.with(changed), nil
		return nil
	}
	for _, name := range chains[0].names {
		ad, err := a.Adapter(name)
		if err != nil {
			return nil, err
		}
		of := ad.backbone.layers
		replicates := of != nil && !slices.Equal(of, b.layers)
		resizes := of == nil && ad.ownSized != nil
		if replicates || resizes {
			if err := fold(); err != nil {
				return nil, err
			}
			if replicates {
				b, err = b.replicated(of)
			} else {
				b, err = b.resizeAs(ad.backbone)
			}
			if err != nil {
				return nil, fmt.Errorf("merge %q: %w", name, err)
			}
		}
		together = append(together, ad)
	}
	if err := fold(); err != nil {
		return nil, err
	}
	return b, nil
}

// merged computes the values that change when adapters are folded into b, by path.
func merged(ctx context.Context, b *Backbone, adapters []*Adapter) (Tensors, error) {
	if err := ctx.Err(); err != nil { // what only puts values in place of others runs nothing that would ask
		return nil, err
	}
	all := New(b)
	names, sites := make([]string, len(adapters)), 0
	out := Tensors{}
	for i, a := range adapters {
		names[i] = a.name
		all.adapters[a.name] = a
		sites += len(a.plan.Sites)
		if err := a.replace(out); err != nil {
			return nil, fmt.Errorf("merge %q: %w", a.name, err)
		}
	}
	sel := Use(names...)
	if sites > 0 {
		p := program{key: "merge", build: func(b *seam.Builder, _ seam.Nodes, _ []*seam.Node) ([]*seam.Node, []string) {
			return sorted(b.Merge())
		}}
		values, paths, err := all.run(ctx, p, sel, nil, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("merge %q: %w", sel, err)
		}
		maps.Copy(out, zip(paths, values))
	}
	if err := b.tieAgain(out); err != nil {
		return nil, err
	}
	converted := map[*Tensor]*Tensor{} // what is one stays one
	for _, path := range slices.Sorted(maps.Keys(out)) {
		if at, value, err := safetensors.NotFinite(out[path]); err != nil {
			return nil, err
		} else if at >= 0 {
			return nil, fmt.Errorf("merge %q: %w: %s would hold %v", sel, ErrMerge, path, value)
		}
		if old := b.net.Value(path); old != nil && old.DType() != out[path].DType() {
			if converted[out[path]] == nil {
				t, err := safetensors.Convert(out[path], old.DType())
				if err != nil {
					return nil, err
				}
				converted[out[path]] = t
			}
			out[path] = converted[out[path]]
		}
	}
	return out, nil
}

// replace puts the adapter's values that stand for frozen ones into out, by path.
func (a *Adapter) replace(out Tensors) error {
	if !seam.CanMerge(a.method) && len(a.plan.Sites) > 0 {
		return fmt.Errorf("%w: what %s adds is no change of a weight", ErrMerge, a.cfg.PEFTType())
	}
	for i, p := range a.plan.Params {
		if p.Replaces == "" {
			continue
		}
		t, err := p.LaidOut(a.values.Load().values[i])
		if err != nil {
			return err
		}
		out[p.Replaces] = t
		for _, path := range p.Shared {
			out[path] = t
		}
		if p.Twin != nil && p.Twin.Replaces != "" {
			out[p.Twin.Replaces] = t
		}
	}
	return nil
}

// tieAgain makes changed values one again that were one before and are still equal. Where only the paths that share a
// value were changed, and all alike, the path that they share it with follows.
func (b *Backbone) tieAgain(changed Tensors) error {
	having := map[string][]string{}
	for path, same := range b.origin.Tied {
		having[same] = append(having[same], path)
	}
	for same, paths := range having {
		module, _ := names.CutLast(same)
		if _, isSite := b.net.Site(module); !isSite && changed[same] == nil && changed[paths[0]] != nil {
			alike := true
			for _, path := range paths {
				equal, err := sameButRounding(changed[path], changed[paths[0]])
				if err != nil {
					return err
				}
				alike = alike && equal
			}
			if alike {
				changed[same] = changed[paths[0]]
			}
		}
		for _, path := range paths {
			equal, err := sameButRounding(changed[path], changed[same])
			if err != nil {
				return err
			}
			if equal {
				changed[path] = changed[same]
			}
		}
	}
	return nil
}

// sameButRounding reports whether two values are there and equal, but for the order in which sums were taken: an embedding and
// an output layer that stay one are changed by the same product, one of them transposed.
func sameButRounding(x, y *Tensor) (bool, error) {
	const rounding = 1e-6
	if x == nil || y == nil || !x.Shape().Equal(y.Shape()) {
		return false, nil
	}
	if x == y {
		return true, nil
	}
	a, err := safetensors.Floats(x)
	if err != nil {
		return false, err
	}
	c, err := safetensors.Floats(y)
	if err != nil {
		return false, err
	}
	far, size := float32(0), float32(0)
	for i, v := range a {
		far, size = max(far, v-c[i], c[i]-v), max(size, v, -v)
	}
	return far <= rounding*size, nil
}
