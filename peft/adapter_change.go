package peft

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// changes computes by how much the adapter changes its modules' weights and biases, as seam.Builder.Changes gives it, and lists the
// modules.
func (a *Adapter) changes(ctx context.Context) (Tensors, []seam.Site, error) {
	out, sites := Tensors{}, a.sites()
	if len(sites) > 0 {
		if !seam.CanMerge(a.method) {
			return nil, nil, fmt.Errorf("%w: what %s adds is no change of a weight", ErrMerge, a.cfg.PEFTType())
		}
		p := program{key: "changes", build: func(b *seam.Builder, _ seam.Nodes, _ []*seam.Node) ([]*seam.Node, []string) {
			return sorted(b.Changes())
		}}
		values, paths, err := a.alone(a.backbone).run(ctx, p, Use(a.name), nil, nil, nil)
		if err != nil {
			return nil, nil, err
		}
		out = zip(paths, values)
	}
	more, err := a.replaced(out)
	if err != nil {
		return nil, nil, err
	}
	if sites = append(sites, more...); len(sites) == 0 {
		return nil, nil, fmt.Errorf("%w: %s changes no weight of a linear map, a convolution or an embedding", ErrMerge, a.cfg.PEFTType())
	}
	for path, t := range out {
		if at, value, err := safetensors.NotFinite(t); err != nil || at >= 0 {
			return nil, nil, cmp.Or(err, fmt.Errorf("%w: the change of %s holds %v", ErrMerge, path, value))
		}
	}
	return out, sites, nil
}

// replaced adds the changes of weights that the adapter trains in their place, and of the biases beside them, and lists their
// modules.
func (a *Adapter) replaced(changes Tensors) ([]seam.Site, error) {
	var sites []seam.Site
	_, option := a.cfg.(biased) // whose biases stay biases
	for _, name := range []string{"weight", "bias"} {
		for i := range a.plan.Params {
			p := &a.plan.Params[i]
			if p.Replaces == "" || p.Saved != "" || option && p.Name == "bias" || (p.Name == "bias") != (name == "bias") {
				continue
			}
			difference, err := a.difference32(i)
			if err != nil {
				return nil, err
			}
			for _, path := range a.readAt(p) {
				if changes[path] != nil { // of a module where the adapter acts too: counted there, as LoftQ's quantised weight is
					continue
				}
				module, of := names.CutLast(path)
				site, ok := a.backbone.net.Site(module)
				weight := of == "weight" && weighs(site)
				if !ok || !weight && (of != "bias" || changes[module+".weight"] == nil) {
					return nil, &UnsupportedError{Option: "a plain LoRA of a change of " + path}
				}
				changes[path] = difference
				if weight {
					if changes[path], err = matrixOf(site, p, difference); err != nil {
						return nil, err
					}
					sites = append(sites, site)
				}
			}
		}
	}
	return sites, nil
}

// readAt lists the paths of the frozen values that a value takes the place of at sites: of one that modules share not the path
// that is no module's, as T5's "shared". Where none is at a site it is the value's own path.
func (a *Adapter) readAt(p *seam.Param) []string {
	paths := slices.DeleteFunc(append([]string{p.Replaces}, p.Shared...), func(path string) bool {
		module, _ := names.CutLast(path)
		_, ok := a.backbone.net.Site(module)
		return !ok
	})
	if len(paths) == 0 {
		return []string{p.Replaces}
	}
	return paths
}

// difference32 gives a value that replaces a frozen one less that, laid out as the value.
func (a *Adapter) difference32(i int) (*Tensor, error) {
	p := &a.plan.Params[i]
	before, err := a.backbone.net.Replaced(p)
	if err != nil {
		return nil, err
	}
	after, err := safetensors.Floats(a.values.Load().values[i])
	if err != nil {
		return nil, err
	}
	for j := range after {
		after[j] -= before[j]
	}
	return tensors.FromFlatDataAndDimensions(after, p.Shape...), nil
}

// matrixOf lays a change of a site's weight out as a matrix [out, in].
func matrixOf(site seam.Site, p *seam.Param, change *Tensor) (*Tensor, error) {
	own, err := p.LaidOut(change)
	if err != nil {
		return nil, err
	}
	switch site.Kind {
	case seam.Embedding:
		return safetensors.Transpose(own)
	case seam.Conv:
		flat, err := safetensors.Floats(own)
		return tensors.FromFlatDataAndDimensions(flat, site.Out, len(flat)/site.Out), err
	}
	return own, nil
}

// Norms measures how far the adapter moves each module's weight: the root of the sum of squares of its change, by the
// module's path. Norms that train, and all that is of modules_to_save, are left out. An adapter that changes no weights matches
// [ErrMerge].
func (a *Adapter) Norms(ctx context.Context) (map[string]float64, error) {
	a = a.made()
	if a.plan == nil {
		return nil, errNoBackbone
	}
	if err := a.alone(a.backbone).ready(ctx); err != nil {
		return nil, err
	}
	if len(a.plan.Sites) > 0 && !seam.CanMerge(a.method) {
		return nil, fmt.Errorf("%w: what %s adds is no change of a weight", ErrMerge, a.cfg.PEFTType())
	}
	out := map[string]float64{}
	if len(a.plan.Sites) > 0 {
		p := program{key: "norms", build: func(b *seam.Builder, _ seam.Nodes, _ []*seam.Node) ([]*seam.Node, []string) {
			norms := seam.Nodes{}
			for path, change := range b.Changes() {
				if module, name := names.CutLast(path); name == "weight" {
					norms[module] = graph.Sqrt(graph.ReduceAllSum(graph.Square(change)))
				}
			}
			return sorted(norms)
		}}
		values, paths, err := a.alone(a.backbone).run(ctx, p, Use(a.name), nil, nil, nil)
		if err != nil {
			return nil, err
		}
		for i, path := range paths {
			out[path] = float64(tensors.ToScalar[float32](values[i]))
		}
	}
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		module, name := names.CutLast(p.Replaces)
		if site, ok := a.backbone.net.Site(module); !ok || p.Saved != "" || name != "weight" || !weighs(site) {
			continue
		}
		change, err := a.difference32(i)
		if err != nil {
			return nil, err
		}
		flat, err := safetensors.Floats(change)
		if err != nil {
			return nil, err
		}
		sum := 0.0
		for _, v := range flat {
			sum += float64(v) * float64(v)
		}
		out[module] = math.Sqrt(sum)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %q changes no weight", ErrMerge, a.name)
	}
	return out, nil
}

// weighs reports whether a site's weight is that of a linear map, a convolution or an embedding.
func weighs(site seam.Site) bool {
	return site.Kind == seam.Linear || site.Kind == seam.Conv || site.Kind == seam.Embedding
}
