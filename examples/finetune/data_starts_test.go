package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
)

// An adapter that starts from data gets the training data, and starts from them alike where a run is gone on with.
func TestStartsFromData(t *testing.T) {
	golden.OnGo(t)
	for _, config := range []recipe{
		{"peft_type": "LORA", "r": 2, "target_modules": []string{"query", "value"}, "init_lora_weights": "eva"},
		{"peft_type": "LORA", "r": 2, "target_modules": []string{"query", "value"}, "init_lora_weights": "lora_ga"},
		{"peft_type": "FISHMASK", "keep_ratio": 0.01, "target_modules": []string{"query"}},
	} {
		r := small(t)
		out := r["out"].(string)
		succeeds(t, r.write(t, recipe{"adapter": recipe{"config": config}}))
		before := files(t, filepath.Join(out, "adapter"))
		said := succeeds(t, r.write(t, recipe{"adapter": recipe{"config": config}}), "-resume")
		require.Contains(t, said, "resumed from step ")
		require.Equal(t, before, files(t, filepath.Join(out, "adapter")))
	}
}
