package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"

	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// tolerance of probabilities between an adapter beside the weights and one that is merged into them.
const tolerance = 1e-3

// keep saves the adapter, loads it again and merges it, and holds both against the adapter that was trained.
func (m *material) keep(ctx context.Context, w io.Writer, adapted *peft.Adapted, out string) error {
	want, err := m.predict(ctx, adapted)
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
	got, err := m.predict(ctx, loaded)
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
	got, err = m.predict(ctx, peft.New(merged))
	if err != nil {
		return err
	}
	if err := same(w, "merged", want, got, tolerance); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "adapter         %s\n", dir)
	return err
}

// predict classifies the evaluation sentences with all adapters that there are.
func (m *material) predict(ctx context.Context, adapted *peft.Adapted) ([]predict.Prediction, error) {
	p, err := predict.New(adapted, predict.Options{Tokenizer: m.tokenizer, MaxLength: m.length, BatchSize: batchSize})
	if err != nil {
		return nil, err
	}
	var texts predict.Texts
	for _, example := range m.eval {
		if example.Text != "" { // data may have such; there is nothing to classify in them
			texts = append(texts, example.Text)
		}
	}
	return p.Classes(ctx, adapted.All(), texts)
}

// same refuses predictions that differ, and probabilities that are further apart than the tolerance.
func same(w io.Writer, what string, want, got []predict.Prediction, tolerance float64) error {
	equal, apart := 0, 0.0
	for i := range want {
		if want[i].Index == got[i].Index {
			equal++
		}
		for j, score := range want[i].Scores {
			apart = math.Max(apart, math.Abs(score.Probability-got[i].Scores[j].Probability))
		}
	}
	if equal < len(want) || !(apart <= tolerance) {
		return fmt.Errorf("%s: %d of %d predictions are the same, scores up to %.2g apart", what, equal, len(want), apart)
	}
	_, err := fmt.Fprintf(w, "%-15s %d of %d predictions the same, scores at most %.1g apart\n", what, equal, len(want), apart)
	return err
}
