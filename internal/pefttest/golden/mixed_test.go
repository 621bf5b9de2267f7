package golden_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// TestMixed holds adapters that act at once, of one type and of several, to HF PEFT: each case is a folder of adapters.
// The logits, since a regulariser is part of the loss here and not in HF PEFT's mixed models.
func TestMixed(t *testing.T) {
	f, e := golden.Variants(t), golden.OpenEngine(t)
	places, err := filepath.Glob(filepath.Join(string(f), "mixed", "*", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, places)
	for _, dir := range places {
		base := filepath.Base(filepath.Dir(dir))
		t.Run(base+"/"+filepath.Base(dir), func(t *testing.T) {
			b, err := f.Base(e, base)
			require.NoError(t, err)
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			var a *peft.Adapted
			for _, entry := range entries {
				if !entry.IsDir() {
					continue
				}
				place := filepath.Join(dir, entry.Name())
				if a == nil {
					a, err = peft.Load(b.Backbone, place)
				} else {
					_, err = a.LoadAs(entry.Name(), place)
				}
				if errors.Is(err, peft.ErrUnknownType) {
					t.Skip(err)
				}
				require.NoError(t, err)
			}
			out, err := a.Forward(t.Context(), a.All(), b.In)
			require.NoError(t, err)
			want, err := golden.ReadTensors(filepath.Join(dir, "golden.safetensors"))
			require.NoError(t, err)
			require.NoError(t, golden.Tolerance{Abs: 1e-5, Rel: 1e-5}.Near("logits", want["out.logits"], out["logits"]))
		})
	}
}
