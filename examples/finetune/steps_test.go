package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
)

// Steps count updates where batches are accumulated; a run whose evaluations get no better ends early and says so, and
// -resume finds it over.
func TestStepsAndEarlyStopping(t *testing.T) {
	golden.OnGo(t)
	r := small(t)
	out := r["out"].(string)
	said := succeeds(t, r.write(t, recipe{"accumulate": 2})) // 4 epochs of 3 batches
	require.Contains(t, said, "step 6/6 ")
	lines, _ := metrics(t, out)
	var at []any
	for _, line := range lines {
		at = append(at, line["step"])
	}
	require.Equal(t, []any{1., 2., 2., 3., 3., 4., 5., 5., 6., 6.}, at) // evaluated behind the batches 4, 6, 10 and 12

	path := r.write(t, recipe{
		"overwrite": true, "optimizer": recipe{"lr": 0}, "eval_every": 2, "early_stopping": recipe{"patience": 3},
	})
	said = succeeds(t, path)
	require.Contains(t, said, "ended after step 8: eval_loss has not got better than ")
	var summary map[string]any
	raw, err := os.ReadFile(filepath.Join(out, "summary.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &summary))
	require.Equal(t, []any{8., 2., "early stopping"}, []any{summary["steps"], summary["best_step"], summary["ended"]})
	before := files(t, filepath.Join(out, "adapter"))
	said = succeeds(t, path, "-resume")
	require.Contains(t, said, "resumed from step 8\nended after step 8: ")
	require.NotContains(t, said, "step 9/")
	require.Equal(t, before, files(t, filepath.Join(out, "adapter")))
}
