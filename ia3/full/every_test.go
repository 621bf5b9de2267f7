package full_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/ia3/full"
	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// On every kind of model all parameters train, those that several modules share once, and the logits stay as they are.
func TestEveryModel(t *testing.T) {
	golden.OnGo(t)
	f, e := golden.Committed(t), golden.OpenEngine(t)
	bases, err := f.Bases()
	require.NoError(t, err)
	require.Greater(t, len(bases), 30)
	for _, name := range bases {
		base, err := f.Base(e, name)
		require.NoError(t, err)
		a, err := peft.Attach(base.Backbone, "all", &full.Config{})
		require.NoError(t, err, name)
		require.Equal(t, base.Backbone.NumParams(), a.NumTrainable(), name)
		require.Equal(t, base.Backbone.NumParams(), a.NumTotal(), name)
		out, err := a.Forward(t.Context(), a.All(), base.In)
		require.NoError(t, err, name)
		require.NoError(t, golden.Tolerance{Abs: 1e-4, Rel: 1e-4}.NearAll(name, base.Out, out))
	}
}
