package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// An encoder-decoder learns to write labels, which are texts.
func TestWritesTexts(t *testing.T) {
	r := small(t)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(fixtures, "bases", "t5_s2s"))))
	vocab, err := os.ReadFile(filepath.Join(r["backbone"].(string), "vocab.txt"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "vocab.txt"), vocab, 0o644))
	out := r["out"].(string)
	adapter := recipe{"config": recipe{"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": []string{"q", "v", "wi", "wo"}}}
	succeeds(t, r.write(t, recipe{"backbone": dir, "epochs": 8, "adapter": adapter}))
	lines, _ := metrics(t, out)
	var losses, shares []float64
	for _, line := range lines {
		if loss, ok := line["loss"].(float64); ok {
			losses = append(losses, loss)
		} else {
			shares = append(shares, line["eval_accuracy"].(float64))
		}
	}
	require.Less(t, losses[len(losses)-1], losses[0]/2)
	require.NotEmpty(t, shares)
	raw, err := os.ReadFile(filepath.Join(out, "adapter", "adapter_config.json"))
	require.NoError(t, err)
	require.Contains(t, string(raw), `"task_type": "SEQ_2_SEQ_LM"`)

	bad := jsonl(t, "bad.jsonl", `{"text": "k", "label": 5}`)
	require.Contains(t, fails(t, finetune(r.write(t, recipe{"backbone": dir, "adapter": adapter, "train": recipe{"jsonl": bad}}))), bad+":1")
}
