package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
)

// decoder is the fixtures' small GPT-2 with a tokenizer of a dozen words.
func decoder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(fixtures, "bases", "gpt2_lm"))))
	raw, err := os.ReadFile("../../peft/train/testdata/continuing.json")
	require.NoError(t, err)
	var ref struct{ Tokenizer json.RawMessage }
	require.NoError(t, json.Unmarshal(raw, &ref))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.json"), ref.Tokenizer, 0o644))
	return dir
}

// A decoder learns texts, and answers behind texts, by heart; a run goes on from its checkpoint and from its adapter.
func TestGoesOnWithTexts(t *testing.T) {
	r := small(t)
	texts := jsonl(t, "texts.jsonl", `{"text": "the cat sat on a mat"}`, `{"text": "the dog ran", "label": "far is it"}`)
	adapter := recipe{"config": recipe{"peft_type": "LORA", "r": 8, "lora_alpha": 32, "target_modules": []string{"c_attn", "c_fc"}}}
	decoding := recipe{
		"backbone": decoder(t), "adapter": adapter, "train": recipe{"jsonl": texts}, "eval": recipe{"jsonl": texts}, "epochs": 40,
		"checkpoint_every": 20,
	}
	out := r["out"].(string)
	path := r.write(t, decoding)
	succeeds(t, path)
	lines, _ := metrics(t, out)
	last := lines[len(lines)-1]
	require.Less(t, last["eval_loss"], lines[0]["loss"].(float64)/2)
	require.Equal(t, 1.0, last["eval_accuracy"])
	require.InEpsilon(t, math.Exp(last["eval_loss"].(float64)), last["eval_perplexity"], 1e-4)
	raw, err := os.ReadFile(filepath.Join(out, "adapter", "adapter_config.json"))
	require.NoError(t, err)
	require.Contains(t, string(raw), `"task_type": "CAUSAL_LM"`)
	require.NotContains(t, string(raw), "gopeft_labels")

	saved := files(t, filepath.Join(out, "adapter"))
	require.NoError(t, os.RemoveAll(filepath.Join(out, "checkpoints", "step-40")))
	succeeds(t, path, "-resume")
	again, resumed := metrics(t, out)
	require.Equal(t, []any{20.0}, resumed)
	require.Equal(t, lines, again)
	require.Equal(t, saved, files(t, filepath.Join(out, "adapter")))

	decoding["adapter"], decoding["out"] = recipe{"load": filepath.Join(out, "adapter")}, filepath.Join(t.TempDir(), "further")
	decoding["epochs"] = 1
	succeeds(t, r.write(t, decoding))
	further, _ := metrics(t, decoding["out"].(string))
	require.Less(t, further[0]["loss"], lines[0]["loss"].(float64)/2)
}

// A decoder's labels are texts, of which none may be missing where the recipe names their key.
func TestBadContinuations(t *testing.T) {
	golden.OnGo(t)
	r, dir := small(t), decoder(t)
	adapter := recipe{"config": recipe{"peft_type": "LORA", "target_modules": []string{"c_attn"}}}
	for name, c := range map[string]struct {
		line string
		keys recipe
		says string
	}{
		"a class":    {`{"text": "the cat", "label": 5}`, nil, `want a text or nothing`},
		"no label":   {`{"text": "the cat"}`, recipe{"label": "answer"}, `"answer"`},
		"a pair":     {`{"text": "the cat", "label": "sat", "more": "on"}`, recipe{"text_pair": "more"}, `"text_pair"`},
		"other keys": {`{"sentence": "the cat"}`, nil, `"text"`},
	} {
		t.Run(name, func(t *testing.T) {
			path := jsonl(t, "bad.jsonl", c.line)
			train := recipe{"jsonl": path}
			for key, value := range c.keys {
				train[key] = value
			}
			line := fails(t, finetune(r.write(t, recipe{"backbone": dir, "adapter": adapter, "train": train, "eval": recipe{}})))
			require.Contains(t, line, path+":1")
			require.Contains(t, line, c.says)
		})
	}
}
