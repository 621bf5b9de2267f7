package engine

import (
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
)

// The same name and options are the same engine, another's are another.
func TestSharedByNameAndOptions(t *testing.T) {
	shared := func(name string) *Engine {
		e, err := Shared(name)
		require.NoError(t, err, name)
		return e
	}
	one := shared("go")
	require.Same(t, one, shared("go"))
	require.Same(t, one, shared("go:"))
	sequential := shared("go:ops_sequential")
	require.NotSame(t, one, sequential)
	require.Same(t, sequential, shared("go:ops_sequential"))
	require.NotSame(t, one, open(t, "go"), "who opens an engine gets one of his own")

	// The environment is read each time.
	t.Setenv(compute.ConfigEnvVar, "go:ops_sequential")
	require.Same(t, sequential, shared(""))
	t.Setenv(compute.ConfigEnvVar, "")
	require.Same(t, one, shared(""))
}

// Whoever closes a shared engine takes it from nobody else.
func TestSharedIsNeverClosed(t *testing.T) {
	e, err := Shared("go")
	require.NoError(t, err)
	e.Close()
	again, err := Shared("go")
	require.NoError(t, err)
	require.Same(t, e, again)
	y, err := graph.CallOnce(again.Backend(), graph.Square, float32(3))
	require.NoError(t, err)
	require.Equal(t, float32(9), y.Value())

	own := open(t, "go")
	own.Close()
	require.True(t, own.Backend().IsFinalized())
}

// What could not be opened is tried again.
func TestSharedKeepsNoFailure(t *testing.T) {
	_, err := Shared("tpu")
	require.ErrorIs(t, err, ErrUnknown)
	for range 2 {
		_, err = Shared("go:no_such_option")
		require.ErrorContains(t, err, "no_such_option")
	}
	dir := t.TempDir()
	t.Setenv(pluginPathEnv, dir)
	_, err = Shared("xla:no_such_plugin")
	require.Error(t, err)
}

// Many who ask at once get one engine.
func TestSharedAtOnce(t *testing.T) {
	got := make([]*Engine, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			e, err := Shared("go:dependency_order")
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = e
			if _, err := graph.CallOnce(e.Backend(), graph.Square, float32(3)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, e := range got {
		require.Same(t, got[0], e)
	}
}
