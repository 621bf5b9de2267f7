package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// Whatever is wrong: exit code 1, one line with the path and the name, and the file that -out names is as it was.
func TestBadInput(t *testing.T) {
	golden.OnGo(t)
	f := golden.OpenFixtures(t)
	base, lora := f.BaseDir("bert_seqcls"), f.CaseDir("bert_seqcls", "lora")
	copyOf := func(dir string) string {
		to := t.TempDir()
		require.NoError(t, os.CopyFS(to, os.DirFS(dir)))
		return to
	}
	edit := func(path, from, to string) {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(raw), from)
		require.NoError(t, os.WriteFile(path, bytes.ReplaceAll(raw, []byte(from), []byte(to)), 0o644))
	}
	noWeights, cut, family, option := copyOf(base), copyOf(base), copyOf(base), copyOf(base)
	require.NoError(t, os.Remove(filepath.Join(noWeights, "model.safetensors")))
	require.NoError(t, os.Truncate(filepath.Join(cut, "model.safetensors"), 5000))
	edit(filepath.Join(family, "config.json"), `"model_type": "bert"`, `"model_type": "mamba"`)
	edit(filepath.Join(option, "config.json"), `"is_decoder": false`, `"is_decoder": true`)
	misshapen, elsewhere, method := copyOf(lora), copyOf(lora), copyOf(lora)
	edit(filepath.Join(misshapen, "adapter_config.json"), `"r": 4`, `"r": 5`)
	edit(filepath.Join(elsewhere, "adapter_config.json"), `"query"`, `"q_proj"`)
	edit(filepath.Join(method, "adapter_config.json"), `"LORA"`, `"LORRA"`)
	missing := filepath.Join(t.TempDir(), "nowhere")

	// in writes arguments of one row into a file.
	in := func(arguments peft.Tensors) string {
		path := filepath.Join(t.TempDir(), "bad.safetensors")
		require.NoError(t, peft.WriteTensors(path, arguments))
		return path
	}
	ids := func(values ...int32) *peft.Tensor { return tensors.FromFlatDataAndDimensions(values, 1, len(values)) }
	fine := argumentsOf(t, base)
	half := filepath.Join(t.TempDir(), "half.safetensors")
	raw, err := os.ReadFile(fine)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(half, raw[:len(raw)/2], 0o644))

	for name, c := range map[string]struct {
		args []string // beside -backbone, -in and -out, which they may override
		says []string
	}{
		"no model folder":             {[]string{"-backbone", missing}, []string{missing, "config.json"}},
		"half a model folder":         {[]string{"-backbone", noWeights}, []string{noWeights, "model.safetensors"}},
		"half a file":                 {[]string{"-backbone", cut}, []string{filepath.Join(cut, "model.safetensors")}},
		"another family":              {[]string{"-backbone", family}, []string{filepath.Join(family, "config.json"), `"mamba"`, "bert"}},
		"an unsupported option":       {[]string{"-backbone", option}, []string{filepath.Join(option, "config.json"), "is_decoder"}},
		"no adapter":                  {[]string{"-adapter", missing}, []string{missing}},
		"an adapter of another shape": {[]string{"-adapter", misshapen}, []string{misshapen, "lora_A.weight", "[4 32]", "[5 32]"}},
		"another backbone's adapter":  {[]string{"-adapter", elsewhere}, []string{elsewhere, "target_modules", `"q_proj"`}},
		"an unknown method":           {[]string{"-adapter", method}, []string{filepath.Join(method, "adapter_config.json"), "LORRA"}},
		"the same adapter twice":      {[]string{"-adapter", lora, "-adapter", lora}, []string{`"lora"`, "taken"}},
		"an unknown adapter":          {[]string{"-adapter", lora, "-compose", "stack(lora,other)"}, []string{`"other"`, "lora"}},
		"a broken composition":        {[]string{"-adapter", lora, "-compose", "stack(lora"}, []string{"stack(lora"}},
		"strange values":              {[]string{"-adapter", lora, "-init", fine}, []string{fine}},
		"no input":                    {[]string{"-in", missing}, []string{missing}},
		"half an input":               {[]string{"-in", half}, []string{half}},
		"an unknown argument":         {[]string{"-in", in(peft.Tensors{"input_ids": ids(5), "inputs": ids(5)})}, []string{`inputs`}},
		"no ids":                      {[]string{"-in", in(peft.Tensors{"attention_mask": ids(1)})}, []string{"input_ids"}},
		"an id beyond the vocabulary": {[]string{"-in", in(peft.Tensors{"input_ids": ids(5, 61)})}, []string{"input_ids", "61"}},
		"a label outside the range":   {[]string{"-in", in(peft.Tensors{"input_ids": ids(5), "labels": tensors.FromValue([]int32{3})})}, []string{"labels", "3"}},
		"beyond the positions":        {[]string{"-in", in(peft.Tensors{"input_ids": ids(make([]int32, 41)...)})}, []string{"input_ids", "41", "40"}},
		"gradients without labels":    {[]string{"-adapter", lora, "-grad", "-in", in(peft.Tensors{"input_ids": ids(5)})}, []string{"labels"}},
		"merged gradients":            {[]string{"-adapter", lora, "-grad", "-merge"}, []string{"-merge", "-grad"}},
		"gradients of nothing":        {[]string{"-grad"}, []string{"-adapter"}},
		"values for two":              {[]string{"-adapter", lora, "-adapter", misshapen, "-init", fine}, []string{"-init", "2"}},
		"an unknown engine":           {[]string{"-backend", "tpu:warm"}, []string{"tpu"}},
		"an unknown flag":             {[]string{"-fast"}, []string{"-fast", "usage: infer"}},
		"too much":                    {[]string{"more"}, []string{`"more"`}},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out.safetensors")
			args := slices.Concat([]string{"-backbone", base, "-in", fine, "-out", out}, c.args)
			line := fails(t, args...)
			for _, part := range c.says {
				require.Contains(t, line, part)
			}
			require.NoFileExists(t, out)
			require.NoError(t, os.WriteFile(out, []byte("former"), 0o644))
			fails(t, args...)
			raw, err := os.ReadFile(out)
			require.NoError(t, err)
			require.Equal(t, "former", string(raw))
		})
	}
	require.Contains(t, fails(t), "-backbone, -in and -out are needed")
	nowhere := filepath.Join(missing, "out.safetensors")
	require.Contains(t, fails(t, "-backbone", base, "-in", fine, "-out", nowhere), nowhere)
}
