package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// small is the least that can be timed.
var small = []string{"-batch", "1", "-seq", "4", "-steps", "1", "-warmup", "1"}

func benches(t *testing.T, args ...string) (map[string]any, error) {
	var out bytes.Buffer
	if err := run(t.Context(), append(args, small...), &out); err != nil {
		require.Zero(t, out.Len())
		return nil, err
	}
	var line map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	return line, nil
}

func file(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "c.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// A config says what -method lora does: HF PEFT trains 74,498 parameters then, the head's among them though the config
// names no task_type.
func TestConfig(t *testing.T) {
	golden.OnGo(t)
	const lora = `{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["query", "value"]}`
	for _, args := range [][]string{{"-method", "lora"}, {"-config", file(t, lora)}} {
		line, err := benches(t, args...)
		require.NoError(t, err)
		require.EqualValues(t, 74498, line["trainable"], args)
		require.Equal(t, "lora", line["method"])
		for _, key := range []string{"step_ms", "step_ms_min", "tokens_per_s", "peak_rss_mib", "compile_s"} {
			require.Positive(t, line[key], key)
		}
		if args[0] == "-config" {
			var want any
			require.NoError(t, json.Unmarshal([]byte(lora), &want))
			require.Equal(t, want, line["config"])
		}
	}
	// Another rank, fewer targets, and without a head: 6 layers x 2 matrices x 384 x 4.
	line, err := benches(t, "-config", file(t, `{"peft_type": "LORA", "task_type": "FEATURE_EXTRACTION", "r": 4, "target_modules": ["query"]}`))
	require.NoError(t, err)
	require.EqualValues(t, 6*2*384*4, line["trainable"])
}

func TestBadConfig(t *testing.T) {
	golden.OnGo(t)
	const lora = `{"peft_type": "LORA", "target_modules": ["query"]}`
	for says, args := range map[string][]string{
		"no such file":       {"-config", filepath.Join(t.TempDir(), "none.json")},
		"LORRA":              {"-config", file(t, `{"peft_type": "LORRA"}`)},
		"unexpected end":     {"-config", file(t, `{`)},
		"place of -method":   {"-config", file(t, lora), "-method", "lora"},
		`"qurey" matches no`: {"-config", file(t, `{"peft_type": "LORA", "target_modules": ["qurey"]}`)},
		"-backbone":          {"-backbone", "none", "-config", file(t, lora)},
	} {
		_, err := benches(t, args...)
		require.ErrorContains(t, err, says)
	}
	_, err := benches(t, "-config", file(t, `{"peft_type": "LORRA"}`))
	require.ErrorIs(t, err, peft.ErrUnknownType)
}
