package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"github.com/gopeft/gopeft/peft"
)

// tolerance of logits between an adapter beside the weights and one that is merged into them.
const tolerance = 1e-3

// keep saves the adapter, loads it again and merges it, and holds both against the adapter that was trained.
func (m *material) keep(ctx context.Context, w io.Writer, adapted *peft.Adapted, out string) error {
	want, err := m.logits(ctx, func(in peft.Tensors) (peft.Tensors, error) { return adapted.Forward(ctx, adapted.All(), in) })
	if err != nil {
		return err
	}
	dir := filepath.Join(out, "adapter")
	if err := adapted.Save(dir); err != nil {
		return err
	}
	loaded, err := peft.Load(m.backbone, dir)
	if err != nil {
		return err
	}
	got, err := m.logits(ctx, func(in peft.Tensors) (peft.Tensors, error) { return loaded.Forward(ctx, loaded.All(), in) })
	if err != nil {
		return err
	}
	if err := same(w, "saved, loaded", want, got, 0); err != nil {
		return err
	}
	merged, err := loaded.Merge(ctx, loaded.All())
	if err != nil {
		return err
	}
	got, err = m.logits(ctx, func(in peft.Tensors) (peft.Tensors, error) { return merged.Forward(ctx, in) })
	if err != nil {
		return err
	}
	if err := same(w, "merged", want, got, tolerance); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "adapter         %s\n", dir)
	return err
}

// logits runs forward over the evaluation sentences: one row of scores by class for each.
func (m *material) logits(ctx context.Context, forward func(peft.Tensors) (peft.Tensors, error)) ([][]float32, error) {
	var rows [][]float32
	for batch, err := range m.evalSource.Epoch(0, 0) {
		if err != nil {
			return nil, err
		}
		outputs, err := forward(batch.Tensors)
		if err != nil {
			return nil, err
		}
		err = outputs["logits"].ConstFlatData(func(flat any) {
			scores, classes := flat.([]float32), len(m.labels)
			for i := range batch.Rows {
				rows = append(rows, slices.Clone(scores[i*classes:(i+1)*classes]))
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// same refuses predictions that differ, and scores that are further apart than the tolerance.
func same(w io.Writer, what string, want, got [][]float32, tolerance float64) error {
	equal, apart := 0, 0.0
	for i := range want {
		if argmax(want[i]) == argmax(got[i]) {
			equal++
		}
		for j := range want[i] {
			apart = math.Max(apart, math.Abs(float64(want[i][j])-float64(got[i][j])))
		}
	}
	if equal < len(want) || !(apart <= tolerance) {
		return fmt.Errorf("%s: %d of %d predictions are the same, scores up to %.2g apart", what, equal, len(want), apart)
	}
	_, err := fmt.Fprintf(w, "%-15s %d of %d predictions the same, scores at most %.1g apart\n", what, equal, len(want), apart)
	return err
}

func argmax(scores []float32) int {
	best := 0
	for i, s := range scores {
		if s > scores[best] {
			best = i
		}
	}
	return best
}
