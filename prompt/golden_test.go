package prompt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	_ "github.com/gopeft/gopeft/prompt/prefix"
	_ "github.com/gopeft/gopeft/prompt/tuning"
)

// TestGolden holds prefixes and prompts to HF PEFT where the shared cases don't: an odd number of T5's layers, BART whose decoder has fewer
// than its encoder, heads of
// another width than the hidden size gives, a question's span, a decoder that classifies. A model without a head has no
// loss, so outputs and files are all there is; its token types must be dropped, as HF PEFT drops them. One case of each
// backbone has to do on an engine that compiles.
func TestGolden(t *testing.T) {
	f, e := golden.Fixtures("testdata/fixtures"), golden.OpenEngine(t)
	bases, err := f.Bases()
	require.NoError(t, err)
	require.Len(t, bases, 6)
	for _, name := range bases {
		base, err := f.Base(e, name)
		require.NoError(t, err)
		cases, err := f.Cases(name)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(cases), 2)
		if golden.Compiles {
			cases = cases[:1]
		}
		for _, c := range cases {
			t.Run(name+"/"+c, func(t *testing.T) {
				run, err := f.Run(base, c)
				require.NoError(t, err)
				if len(golden.Under(run.Case.Golden, "grad.")) > 0 {
					golden.Check(t, run)
					return
				}
				require.NoError(t, run.Outputs(t.Context()))
				require.NoError(t, run.Counts())
				require.NoError(t, run.File(t.TempDir()))
				require.NoError(t, run.Reload(t.Context(), t.TempDir()))
			})
		}
	}
}
