package generate_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// TestMoreRuns holds runs under options that the golden cases leave out to transformers.
func TestMoreRuns(t *testing.T) {
	f, e := golden.Committed(t), golden.OpenEngine(t)
	for _, name := range []string{"llama_lm", "gpt2_lm"} {
		base, err := f.Base(e, name)
		require.NoError(t, err)
		var w written
		readJSON(t, filepath.Join("testdata", name+".json"), &w)
		require.NotEmpty(t, w.Runs)
		for _, run := range w.Runs {
			t.Run(name+"/"+run.Name, func(t *testing.T) {
				g, err := generate.New(peft.New(base.Backbone), run.Args.options(w))
				require.NoError(t, err)
				n := run.Rows
				out, err := g.Generate(t.Context(), peft.Base(), generate.Batch{IDs: w.IDs[:n], Mask: w.Mask[:n]})
				require.NoError(t, err)
				require.Equal(t, run.Sequences, out.Sequences)
			})
		}
	}
}
