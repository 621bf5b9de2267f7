package seam

import (
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/seeded"
)

// FirstValues makes the values of an adapter, one for each of the plan's params, row by row. For a fresh adapter, from is nil
// and they are drawn by the seed; for one that is loaded, from holds a file's values by their keys, and the rest is drawn.
// measured is what a Calibrator's Calibration came to, nil for all others.
func FirstValues(f *Frozen, m Method, plan *Plan, from map[string][]float32, seed uint64, measured any) ([][]float32, error) {
	in := &Init{frozen: f, from: from, plan: plan, seed: seed, loaded: from != nil, measured: measured, values: make([][]float32, len(plan.Params))}
	for i := range plan.Params {
		p := &plan.Params[i]
		flat, err := firstValue(f, p, from, seed)
		if err != nil {
			return nil, err
		}
		if len(flat) != p.Size() {
			return nil, &TensorError{Tensor: p.FileKey(), Reason: fmt.Sprintf("%d values for shape %v", len(flat), p.Shape)}
		}
		in.values[i] = flat
	}
	if m, ok := m.(Initializer); ok {
		if err := engine.Guard("drawing first values", func() error { return m.Initialize(in) }); err != nil {
			return nil, err
		}
	}
	return in.values, nil
}

func firstValue(f *Frozen, p *Param, from map[string][]float32, seed uint64) ([]float32, error) {
	if p.Const != nil {
		return slices.Clone(p.Const), nil
	}
	if flat, ok := from[p.FileKey()]; ok {
		return flat, nil
	}
	if p.Replaces != "" {
		return f.Replaced(p)
	}
	if p.Ints != nil {
		return words(slices.Clone(p.Ints)), nil
	}
	flat := make([]float32, p.Size())
	for i := range flat {
		flat[i] = p.Fill
	}
	if p.Init != nil {
		p.Init(seeded.Rand(seed, p.FileKey()), flat)
	}
	return flat, nil
}
