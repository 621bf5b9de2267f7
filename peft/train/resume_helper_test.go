package train_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft/train"
)

// journey is a run worth interrupting: dropout, a warmup, shuffling, a bound on the gradients, evaluations whose best
// is not the last, and batches gathered over the ends of epochs.
func journey(out string) train.Options {
	return train.Options{
		Optimizer: optim.AdamW{LR: 3e-2}, Schedule: optim.Cosine{Warmup: 0.2}, MaxGradNorm: 0.5, BatchSize: 4, Accumulate: 2,
		Steps: journeySteps, Seed: 5, Eval: sentences(7), EvalEvery: 3, Out: out, CheckpointEvery: 4,
	}
}

const journeySteps = 10 // each of 2 batches, where an epoch has 3

// travel runs a journey on a fresh adapter, as a new process would.
func travel(ctx context.Context, t testing.TB, backbone string, o train.Options) (*train.Report, error) {
	t.Helper()
	trainer, err := train.New(attach(t, backbone), o)
	require.NoError(t, err)
	return trainer.Fit(ctx, sentences(11))
}

// record is what a run leaves that must not depend on how often it was stopped.
type record struct {
	adapter map[string]string // files
	lines   []map[string]any  // of metrics.jsonl, without speeds
	resumed []float64         // the steps of the lines resumed_from
	summary map[string]any    // without times
}

func readRecord(t testing.TB, out string) record {
	t.Helper()
	r := record{adapter: map[string]string{}, summary: map[string]any{}}
	for _, name := range []string{"adapter_config.json", "adapter_model.safetensors"} {
		raw, err := os.ReadFile(filepath.Join(out, "adapter", name))
		require.NoError(t, err)
		r.adapter[name] = string(raw)
	}
	raw, err := os.ReadFile(filepath.Join(out, "metrics.jsonl"))
	require.NoError(t, err)
	for _, line := range bytes.Split(bytes.TrimSuffix(raw, []byte("\n")), []byte("\n")) {
		var fields map[string]any
		require.NoError(t, json.Unmarshal(line, &fields), "%s", line)
		if from, ok := fields["resumed_from"]; ok {
			require.Len(t, fields, 1)
			r.resumed = append(r.resumed, from.(float64))
			continue
		}
		if _, ok := fields["loss"]; ok {
			require.Positive(t, fields["tokens_per_s"])
			delete(fields, "tokens_per_s")
		}
		r.lines = append(r.lines, fields)
	}
	raw, err = os.ReadFile(filepath.Join(out, "summary.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &r.summary))
	for _, key := range []string{"seconds", "tokens_per_s", "peak_rss_mib"} {
		require.Positive(t, r.summary[key], key)
		delete(r.summary, key)
	}
	return r
}

// sameRecord compares all but where runs were resumed.
func sameRecord(t testing.TB, want, got record) {
	t.Helper()
	require.Equal(t, want.adapter, got.adapter)
	require.Equal(t, want.lines, got.lines)
	require.Equal(t, want.summary, got.summary)
}

// undisturbed is the record of a journey that was never stopped.
func undisturbed(t testing.TB, backbone string) record {
	t.Helper()
	out := t.TempDir()
	_, err := travel(t.Context(), t, backbone, journey(out))
	require.NoError(t, err)
	want := readRecord(t, out)
	require.Empty(t, want.resumed)
	require.Len(t, want.lines, journeySteps+4) // evaluations after 3, 6, 9 and the last
	require.Less(t, want.summary["best_step"], float64(journeySteps), "the best evaluation should not be the last")
	return want
}
