package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// Whatever is wrong with what a recipe names: exit code 1, one line with the path and the name, and the run's folder
// is not begun.
func TestBadInput(t *testing.T) {
	golden.OnGo(t)
	lora := filepath.Join(fixtures, "cases", "bert_seqcls", "lora")
	copyOf := func(dir string) string {
		to := t.TempDir()
		require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
		return to
	}
	noWeights := textBERT(t)
	require.NoError(t, os.Remove(filepath.Join(noWeights, "model.safetensors")))
	noConfig := textBERT(t)
	require.NoError(t, os.Remove(filepath.Join(noConfig, "config.json")))
	cut := textBERT(t)
	require.NoError(t, os.Truncate(filepath.Join(cut, "model.safetensors"), 5000))
	family := textBERT(t)
	edit(t, filepath.Join(family, "config.json"), `"model_type": "bert"`, `"model_type": "mamba"`)
	narrow := textBERT(t)
	edit(t, filepath.Join(narrow, "config.json"), `"hidden_size": 32`, `"hidden_size": 16`)
	mute := textBERT(t)
	require.NoError(t, os.Remove(filepath.Join(mute, "vocab.txt")))
	misshapen := copyOf(lora)
	edit(t, filepath.Join(misshapen, "adapter_config.json"), `"r": 4`, `"r": 5`)
	elsewhere := copyOf(lora)
	edit(t, filepath.Join(elsewhere, "adapter_config.json"), `"query"`, `"q_proj"`)
	noTensors := copyOf(lora)
	require.NoError(t, os.Remove(filepath.Join(noTensors, "adapter_model.safetensors")))

	long := filepath.Join(t.TempDir(), "long.safetensors")
	ids := make([]int32, 41)
	require.NoError(t, peft.WriteTensors(long, peft.Tensors{
		"input_ids": tensors.FromFlatDataAndDimensions(ids, 1, 41), "labels": tensors.FromValue([]int32{0}),
	}))
	class9 := filepath.Join(t.TempDir(), "class9.safetensors")
	require.NoError(t, peft.WriteTensors(class9, peft.Tensors{
		"input_ids": tensors.FromFlatDataAndDimensions(ids[:4], 1, 4), "labels": tensors.FromValue([]int32{9}),
	}))
	fine := `{"text": "k", "label": "k"}`
	empty, utf8 := jsonl(t, "empty.jsonl"), jsonl(t, "latin.jsonl", fine, "{\"text\": \"caf\xe9\", \"label\": \"k\"}")
	one := jsonl(t, "one.jsonl", fine, `{"text": "m", "label": "k"}`)
	untold, nine := jsonl(t, "untold.jsonl", fine, `{"text": "k", "label": "q"}`), jsonl(t, "nine.jsonl", `{"text": "k", "label": 9}`)
	keys, broken := jsonl(t, "keys.jsonl", `{"sentence": "k", "label": "k"}`), jsonl(t, "broken.jsonl", fine, `{"text":`)
	missing := filepath.Join(t.TempDir(), "nowhere")

	for name, c := range map[string]struct {
		change recipe
		says   []string
	}{
		"no model folder":              {recipe{"backbone": missing}, []string{missing, "config.json"}},
		"half a model folder":          {recipe{"backbone": noWeights}, []string{noWeights, "model.safetensors"}},
		"the other half":               {recipe{"backbone": noConfig}, []string{noConfig, "config.json"}},
		"half a file":                  {recipe{"backbone": cut}, []string{filepath.Join(cut, "model.safetensors")}},
		"another family":               {recipe{"backbone": family}, []string{filepath.Join(family, "config.json"), `"mamba"`, "bert"}},
		"a config of another size":     {recipe{"backbone": narrow}, []string{narrow, "embeddings", "[61 32]", "[61 16]"}},
		"no tokenizer":                 {recipe{"backbone": mute}, []string{mute, "tokenizer"}},
		"no such task":                 {recipe{"task": "sequence-clasification"}, []string{`"sequence-clasification"`, "sequence-classification"}},
		"no such dtype":                {recipe{"dtype": "float8"}, []string{`"float8"`, "bfloat16"}},
		"no adapter folder":            {recipe{"adapter": recipe{"load": missing}}, []string{missing}},
		"half an adapter":              {recipe{"adapter": recipe{"load": noTensors}}, []string{noTensors, "adapter_model.safetensors"}},
		"an adapter of another shape":  {recipe{"adapter": recipe{"load": misshapen}}, []string{misshapen, "lora_A.weight", "[4 32]", "[5 32]"}},
		"another backbone's adapter":   {recipe{"adapter": recipe{"load": elsewhere}}, []string{elsewhere, "target_modules", `"q_proj"`}},
		"no such method":               {recipe{"adapter": recipe{"config": recipe{"peft_type": "LORRA"}}}, []string{"adapter: config", `LORRA`}},
		"no such target":               {recipe{"adapter": recipe{"config": recipe{"peft_type": "LORA", "target_modules": []string{"querry"}}}}, []string{"target_modules", `"querry"`, "query"}},
		"no data":                      {recipe{"train": recipe{"jsonl": missing}}, []string{missing}},
		"an empty data set":            {recipe{"train": recipe{"jsonl": empty}}, []string{empty, "no examples"}},
		"invalid UTF-8":                {recipe{"train": recipe{"jsonl": utf8}}, []string{utf8 + ":2", "UTF-8"}},
		"a broken line":                {recipe{"train": recipe{"jsonl": broken}}, []string{broken + ":2"}},
		"other keys":                   {recipe{"train": recipe{"jsonl": keys}}, []string{keys + ":1", `"text"`}},
		"a label only to evaluate":     {recipe{"eval": recipe{"jsonl": untold}}, []string{untold + ":2", `"label"`, `"q"`}},
		"a label outside of the range": {recipe{"train": recipe{"jsonl": nine}}, []string{nine + ":1", "9", "0..2"}},
		"one class":                    {recipe{"train": recipe{"jsonl": one}}, []string{one, "all 2 examples have the label \"k\"", "two classes"}},
		"no room for text":             {recipe{"max_length": 2}, []string{"MaxLength", "2 leaves no room for text", "2 special tokens"}},
		"no such metric":               {recipe{"early_stopping": recipe{"metric": "eval_f1"}}, []string{"EarlyStopping.Metric", `"eval_f1"`, "eval_loss, eval_accuracy"}},
		"texts beyond the positions":   {recipe{"max_length": 41}, []string{"41", "40"}},
		"a batch beyond the positions": {recipe{"train": recipe{"tensors": long}, "eval": recipe{}}, []string{"input_ids", "41", "40"}},
		"a batch with a class too far": {recipe{"train": recipe{"tensors": class9}, "eval": recipe{}}, []string{"labels", "9"}},
		"a warmup too long":            {recipe{"schedule": recipe{"warmup": 99}}, []string{"Warmup", "99"}},
		"an unknown key":               {recipe{"epoch": 3}, []string{"recipe.json", `"epoch"`, `"epochs"`}},
		"NaN in the loss":              {recipe{"optimizer": recipe{"lr": 1e30}, "schedule": recipe{"type": "constant"}}, []string{"step 2", "NaN", "learning rate"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := small(t)
			line := fails(t, finetune(r.write(t, c.change)))
			for _, part := range c.says {
				require.Contains(t, line, part)
			}
			out := r["out"].(string)
			require.NoDirExists(t, filepath.Join(out, "adapter"))
			require.NoDirExists(t, filepath.Join(out, "checkpoints"))
			require.NoFileExists(t, filepath.Join(out, "summary.json"))
		})
	}
}

// What is wrong with the command line.
func TestBadArguments(t *testing.T) {
	require.Contains(t, fails(t, finetune()), "usage: finetune RECIPE.json [-resume]")
	require.Contains(t, fails(t, finetune("a.json", "b.json")), `unexpected argument "b.json"`)
	require.Contains(t, fails(t, finetune(filepath.Join(t.TempDir(), "none.json"))), "none.json")
	require.Contains(t, fails(t, finetune(small(t).write(t, nil), "-backend", "tpu:warm")), "tpu")
	require.Contains(t, fails(t, finetune("-fast", "a.json")), "-fast")
}

// A run that breaks down leaves the adapter of the one before.
func TestFormerAdapterStands(t *testing.T) {
	golden.OnGo(t)
	r := small(t)
	out := r["out"].(string)
	succeeds(t, r.write(t, nil))
	before := files(t, filepath.Join(out, "adapter"))
	require.Len(t, before, 2)
	require.Contains(t, fails(t, finetune(r.write(t, recipe{"optimizer": recipe{"lr": 1e30}, "overwrite": true}))), "NaN")
	require.Equal(t, before, files(t, filepath.Join(out, "adapter")))
}
