package generate_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// TestMoreRuns holds runs under options, and with positions, that the golden cases leave out to transformers.
func TestMoreRuns(t *testing.T) {
	f, e := golden.Committed(t), golden.OpenEngine(t)
	for _, name := range []string{"llama_lm", "gpt2_lm", "llama_dynamic"} {
		var w struct {
			written
			Base   string
			Config map[string]any
		}
		readJSON(t, filepath.Join("testdata", name+".json"), &w)
		require.NotEmpty(t, w.Runs)
		b, err := models.Load(withConfig(t, f.BaseDir(w.Base), w.Config), models.On(e))
		require.NoError(t, err)
		for _, run := range w.Runs {
			t.Run(name+"/"+run.Name, func(t *testing.T) {
				g, err := generate.New(peft.New(b), run.Args.options(w.written))
				require.NoError(t, err)
				n := run.Rows
				out, err := g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: w.IDs[:n], Mask: w.Mask[:n]})
				require.NoError(t, err)
				require.Equal(t, run.Sequences, out.Sequences)
			})
		}
	}
}

// withConfig copies a checkpoint with other settings.
func withConfig(t *testing.T, dir string, more map[string]any) string {
	t.Helper()
	config := map[string]any{}
	readJSON(t, filepath.Join(dir, "config.json"), &config)
	maps.Copy(config, more)
	raw, err := json.Marshal(config)
	require.NoError(t, err)
	weights, err := os.ReadFile(filepath.Join(dir, "model.safetensors"))
	require.NoError(t, err)
	out := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(out, "config.json"), raw, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(out, "model.safetensors"), weights, 0o644))
	return out
}
