package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/pefttest/program"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

const command = program.Name("generate")

func TestMain(m *testing.M) { command.Main(m, main) }

// runs reads what transformers wrote, by the runs' names.
func runs(t *testing.T, path string) map[string][][]int32 {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var file struct {
		Runs []struct {
			Name      string
			Sequences [][]int32
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	out := map[string][][]int32{}
	for _, r := range file.Runs {
		out[r.Name] = r.Sequences
	}
	return out
}

func sequences(t *testing.T, raw []byte) [][]int32 {
	t.Helper()
	var out struct{ Sequences [][]int32 }
	require.NoError(t, json.Unmarshal(raw, &out))
	return out.Sequences
}

// The program writes what transformers writes, bare, with an adapter and with it merged.
func TestSequences(t *testing.T) {
	f := golden.Committed(t)
	lora := []string{"-adapter", f.CaseDir("llama_lm", "lora")}
	for _, c := range []struct {
		file, base, run string
		args            []string
	}{
		{"gpt2_lm", "gpt2_lm", "greedy", nil},
		{"gpt2_lm", "gpt2_lm", "greedy_no_repeat_ngram_2", []string{"-no-repeat-ngram", "2", "-beams", "1", "-length-penalty", "1"}},
		{"gpt2_lm", "gpt2_lm", "beam_3_length_penalty_2_early", []string{"-beams", "3", "-length-penalty", "2", "-early-stopping"}},
		{"llama_lm--lora", "llama_lm", "greedy_repetition_penalty_1.3", append(lora, "-repetition-penalty", "1.3")},
		{"llama_lm--lora", "llama_lm", "beam_4", append(lora, "-beams", "4", "-merge")},
	} {
		t.Run(c.file+"/"+c.run, func(t *testing.T) {
			ids := filepath.Join(string(f), "generate", c.file+".json")
			args := append([]string{"-backbone", f.BaseDir(c.base), "-ids", ids, "-max-new-tokens", "12"}, c.args...)
			want := runs(t, ids)[c.run]
			require.NotEmpty(t, want)
			require.Equal(t, want, sequences(t, []byte(command.Succeeds(t, args...))))

			out := filepath.Join(t.TempDir(), "out.json")
			require.Empty(t, command.Succeeds(t, append(args, "-out", out)...))
			raw, err := os.ReadFile(out)
			require.NoError(t, err)
			require.Equal(t, want, sequences(t, raw))
			left, err := os.ReadDir(filepath.Dir(out))
			require.NoError(t, err)
			require.Len(t, left, 1, "nothing but the file is left")
		})
	}
}

// A prompt's text is printed, and its sequence is the same that the library writes.
func TestText(t *testing.T) {
	dir := t.TempDir()
	raw, err := os.ReadFile("../../models/tokenizer/testdata/bytelevel/tokenizer.json")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer.json"), raw, 0o644))
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	config, err := json.Marshal(map[string]any{
		"model_type": "llama", "architectures": []string{"LlamaForCausalLM"}, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
		"intermediate_size": 16, "vocab_size": tok.VocabSize(),
	})
	require.NoError(t, err)
	b, err := models.Random(config, models.On(golden.OpenEngine(t)))
	require.NoError(t, err)
	saved := filepath.Join(dir, "model")
	require.NoError(t, b.Save(saved))
	require.NoError(t, os.Rename(filepath.Join(dir, "tokenizer.json"), filepath.Join(saved, "tokenizer.json")))
	b, err = models.Load(saved, models.On(golden.OpenEngine(t)))
	require.NoError(t, err)

	for name, c := range map[string]struct {
		options generate.Options
		args    []string
	}{
		"drawn": {
			generate.Options{MaxNewTokens: 9, Temperature: 0.9, TopK: 40, TopP: 0.95, MinP: 0.001, Seed: 3},
			[]string{"-temperature", "0.9", "-top-k", "40", "-top-p", "0.95", "-min-p", "0.001", "-seed", "3"},
		},
		"beams": {generate.Options{MaxNewTokens: 9, Beams: 2}, []string{"-beams", "2"}},
	} {
		g, err := generate.New(peft.New(b), c.options)
		require.NoError(t, err, name)
		want, err := g.Text(t.Context(), peft.Base(), "Once upon")
		require.NoError(t, err, name)
		out := filepath.Join(t.TempDir(), "out.json")
		said := command.Succeeds(t, append(c.args, "-backbone", saved, "-prompt", "Once upon", "-max-new-tokens", "9", "-out", out)...)
		require.Equal(t, want[0]+"\n", said, name)
		raw, err := os.ReadFile(out)
		require.NoError(t, err)
		ids := sequences(t, raw)[0]
		require.Equal(t, want[0], tok.Decode(ids[len(ids)-9:], true), name)
	}
}

func TestFails(t *testing.T) {
	f := golden.Committed(t)
	ids, base := filepath.Join(string(f), "generate", "gpt2_lm.json"), f.BaseDir("gpt2_lm")
	broken := filepath.Join(t.TempDir(), "broken.json")
	require.NoError(t, os.WriteFile(broken, []byte(`{"input_ids": [[1, "a"]]}`), 0o644))
	for says, args := range map[string][]string{
		"usage":                        nil,
		"one of -prompt and -ids":      {"-backbone", base, "-prompt", "a", "-ids", ids},
		"-merge needs an -adapter":     {"-backbone", base, "-ids", ids, "-merge"},
		"unexpected argument":          {"-backbone", base, "-ids", ids, "more"},
		"no such file":                 {"-backbone", base, "-ids", "nothing.json"},
		"broken.json":                  {"-backbone", base, "-ids", broken},
		"top_p must be in 0..1":        {"-backbone", base, "-ids", ids, "-temperature", "1", "-top-p", "2"},
		"max_new_tokens must not be n": {"-backbone", base, "-ids", ids, "-max-new-tokens", "-3"},
		"no tokenizer in":              {"-backbone", base, "-prompt", "a"},
		"no checkpoint":                {"-backbone", "nowhere", "-prompt", "a"},
		"does not generate":            {"-backbone", f.BaseDir("bert_seqcls"), "-ids", ids},
	} {
		require.Contains(t, command.Fails(t, command.Command(args...)), says)
	}
}
