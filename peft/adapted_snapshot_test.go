package peft_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

// A snapshot keeps the adapters that it was made with, whatever becomes of them, and shares their values.
func TestSnapshot(t *testing.T) {
	s := newScene(t)
	a := s.attach("a", small(4, 8, "query"))
	s.attach("gone", small(2, 8, "value"))
	first := s.logits(peft.Use("a"))
	still := s.Snapshot()

	other := peft.New(s.b)
	require.NoError(t, other.Attach("a", small(3, 8, "value")))
	ad, err := other.Adapter("a")
	require.NoError(t, err)
	require.NoError(t, ad.Set(ad.Config(), shaken(ad, "other")))
	dir := filepath.Join(t.TempDir(), "a")
	require.NoError(t, other.Save(dir))
	_, err = s.Replace("a", dir)
	require.NoError(t, err)
	require.NoError(t, s.Delete("gone"))
	require.NoError(t, s.Attach("new", small(2, 8, "key")))

	require.NotEqual(t, first, s.logits(peft.Use("a")))
	require.Equal(t, []string{"a", "new"}, s.Names())
	require.Equal(t, []string{"a", "gone"}, still.Names())
	logits := func() [][]float32 {
		out, err := still.Forward(t.Context(), peft.Use("a"), s.x)
		require.NoError(t, err)
		return rowsOf(out["logits"])
	}
	require.Equal(t, first, logits())
	require.NoError(t, still.Delete("gone"))
	require.NoError(t, a.Set(a.Config(), shaken(a, "later")))
	require.NotEqual(t, first, logits(), "values are shared")

	require.Empty(t, (*peft.Adapted)(nil).Snapshot().Names())
}
