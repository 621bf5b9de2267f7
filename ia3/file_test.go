package ia3_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/ia3"
	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// HF PEFT refuses to open a list of feed-forward modules with a name that is none of the targets', and writes such lists
// itself: where "all-linear" was spelled out, and where the modules are its default. Ours are written as a pattern, which it
// opens; its own open here.
func TestFeedForwardThatIsNoTarget(t *testing.T) {
	golden.OnGo(t)
	base, err := golden.Committed(t).Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	for name, cfg := range map[string]*ia3.Config{
		"all-linear": {Targets: peft.AllLinear(), FeedForward: peft.Match("output.dense")},
		"default":    {Targets: peft.Match("value", "dense")},
	} {
		t.Run(name, func(t *testing.T) {
			no := false
			cfg.Init = &no // drawn, so that every factor matters
			a, err := peft.Attach(base.Backbone, "a", cfg)
			require.NoError(t, err)
			want, err := a.Forward(t.Context(), a.All(), base.In)
			require.NoError(t, err)
			dir := filepath.Join(t.TempDir(), "a")
			require.NoError(t, a.Save(dir))
			path := filepath.Join(dir, peft.ConfigFile)
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			ours := []byte(`"feedforward_modules": ".*(output\\.dense)"`)
			require.Contains(t, string(raw), string(ours))

			theirs := bytes.Replace(raw, ours, []byte(`"feedforward_modules": ["output.dense"]`), 1)
			for _, config := range [][]byte{raw, theirs} {
				require.NoError(t, os.WriteFile(path, config, 0o644))
				b, err := peft.Load(base.Backbone, dir)
				require.NoError(t, err)
				got, err := b.Forward(t.Context(), b.All(), base.In)
				require.NoError(t, err)
				require.True(t, want["logits"].Equal(got["logits"]))
			}
		})
	}
}
