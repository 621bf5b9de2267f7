package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	runner "github.com/gopeft/gopeft/internal/pefttest/program"
)

const program = runner.Name("finetune")

func TestMain(m *testing.M) {
	program.Main(m, func() {
		limitFiles()
		main()
	})
}

// finetune prepares the program in a process of its own.
func finetune(args ...string) *exec.Cmd { return program.Command(args...) }

// succeeds runs the program and gives what it says.
func succeeds(t *testing.T, args ...string) string {
	t.Helper()
	return program.Succeeds(t, args...)
}

// fails runs the program, which must complain, and gives its complaint.
func fails(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	return program.Fails(t, c)
}

// recipe is a recipe's keys.
type recipe map[string]any

// write puts a recipe, with keys changed, into a file.
func (r recipe) write(t *testing.T, changes recipe) string {
	t.Helper()
	all := recipe{}
	for _, keys := range []recipe{r, changes} {
		for key, value := range keys {
			all[key] = value
		}
	}
	raw, err := json.Marshal(all)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "recipe.json")
	require.NoError(t, os.WriteFile(path, raw, 0o644))
	return path
}

// metrics reads the lines of a run, but for those that tell where it was resumed, without speeds.
func metrics(t *testing.T, out string) (lines []map[string]any, resumed []any) {
	t.Helper()
	f, err := os.Open(filepath.Join(out, "metrics.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		var line map[string]any
		require.NoError(t, json.Unmarshal(in.Bytes(), &line), "%s", in.Bytes())
		if from, ok := line["resumed_from"]; ok {
			resumed = append(resumed, from)
			continue
		}
		delete(line, "tokens_per_s")
		lines = append(lines, line)
	}
	return lines, resumed
}

// files reads a folder's files; nil where there is no folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	out := map[string]string{}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		out[e.Name()] = string(raw)
	}
	return out
}

const fixtures = "../../internal/pefttest/testdata/fixtures"

// textBERT is the fixtures' small BERT with dropout and a vocabulary of letters, so that it reads text.
func textBERT(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(fixtures, "bases", "bert_seqcls"))))
	edit(t, filepath.Join(dir, "config.json"), `dropout_prob": 0.0`, `dropout_prob": 0.1`)
	vocab := "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
	for c := 'a'; c <= 'z'; c++ {
		vocab += fmt.Sprintf("%c\n##%c\n", c, c)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "vocab.txt"), []byte(vocab), 0o644))
	return dir
}

// edit replaces text in a file, which must be there.
func edit(t *testing.T, path, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(raw), from)
	require.NoError(t, os.WriteFile(path, bytes.ReplaceAll(raw, []byte(from), []byte(to)), 0o644))
}

// jsonl writes lines into a file.
func jsonl(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	return path
}

// small is a run on a small BERT that lasts 12 steps.
func small(t *testing.T) recipe {
	t.Helper()
	var train, eval []string
	for i := range 16 {
		line := fmt.Sprintf(`{"text": "%c%s", "label": "%c"}`, "kmv"[i%3], strings.Repeat("xyz", 1+i%4), "kmv"[i%3])
		if i%4 == 3 {
			eval = append(eval, line)
		} else {
			train = append(train, line)
		}
	}
	return recipe{
		"backbone": textBERT(t),
		"adapter": recipe{"config": recipe{
			"peft_type": "LORA", "r": 4, "lora_alpha": 8, "lora_dropout": 0.1, "target_modules": []string{"query", "value"},
		}},
		"train": recipe{"jsonl": jsonl(t, "train.jsonl", train...)}, "eval": recipe{"jsonl": jsonl(t, "eval.jsonl", eval...)},
		"batch_size": 4, "epochs": 4, "optimizer": recipe{"lr": 0.02}, "schedule": recipe{"warmup": 0.2}, "seed": 3,
		"checkpoint_every": 3, "out": filepath.Join(t.TempDir(), "run"),
	}
}
