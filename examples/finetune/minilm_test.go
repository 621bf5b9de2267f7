package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A real pretrained backbone learns the help desk's six intents from 300 sentences well enough to tell nine of ten
// others. GOPEFT_MINILM names its folder; .ci/run minilm fetches it. On XLA this takes seconds, in pure Go a minute with
// the SIMD kernels and many without.
func TestMiniLM(t *testing.T) {
	dir := os.Getenv("GOPEFT_MINILM")
	if dir == "" {
		t.Skip("GOPEFT_MINILM does not name the folder of all-MiniLM-L6-v2")
	}
	out := filepath.Join(t.TempDir(), "run")
	succeeds(t, recipe{
		"backbone": dir, "task": "sequence-classification",
		"adapter": recipe{"config": recipe{
			"peft_type": "LORA", "r": 8, "lora_alpha": 16, "lora_dropout": 0.05, "target_modules": []string{"query", "value"},
		}},
		"train": recipe{"jsonl": "testdata/train.jsonl"}, "eval": recipe{"jsonl": "testdata/eval.jsonl"},
		"max_length": 64, "batch_size": 16, "epochs": 4, "optimizer": recipe{"type": "adamw", "lr": 2e-3, "weight_decay": 0.01},
		"schedule": recipe{"type": "linear", "warmup": 0.1}, "seed": 1, "out": out,
	}.write(t, nil))
	var summary struct {
		Accuracy  float64 `json:"eval_accuracy"`
		Trainable int
		Seconds   float64
	}
	raw, err := os.ReadFile(filepath.Join(out, "summary.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &summary))
	t.Logf("%.1f %% right after %.0f s", 100*summary.Accuracy, summary.Seconds)
	require.GreaterOrEqual(t, summary.Accuracy, 0.9)
	// 6 layers x 2 maps x 2 factors of 8 x 384, and the new head
	require.Equal(t, 6*2*2*8*384+384*6+6, summary.Trainable)
	require.Len(t, files(t, filepath.Join(out, "adapter")), 2)
}
