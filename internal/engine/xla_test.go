//go:build cgo && (linux || darwin)

package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"
)

func TestMissingPlugin(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(pluginPathEnv, dir)
	_, err := Open("xla:cpu")
	require.ErrorIs(t, err, ErrNoPlugin)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, "pjrt_installer")
}

// A file that is no plugin must not take the program down, by a panic or otherwise.
func TestBrokenPlugin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	require.NoError(t, os.WriteFile(path, []byte("not a library"), 0o755))
	for _, name := range []string{path, "xla:" + path, "xla:" + filepath.Dir(path)} {
		_, err := Open(name)
		require.ErrorIs(t, err, ErrNoPlugin, name)
		require.ErrorContains(t, err, filepath.Dir(path))
		require.NotContains(t, err.Error(), "\n")
	}
}

func TestSharedBuffersFollowTheFile(t *testing.T) {
	require.Equal(t, []string{"shared_buffers=true", "tf32=false"}, withDefaults(nil, "/cuda/pjrt_c_api_cpu_plugin.so"))
	require.Equal(t, []string{"tf32=true", "shared_buffers=false"}, withDefaults([]string{"tf32=true"}, "/pjrt-cpu/pjrt_c_api_cuda_plugin.so"))
	require.Equal(t, []string{"noshared_buffers", "tf32=false"}, withDefaults([]string{"noshared_buffers"}, "/cpu.so"))
}

// xlaEngine skips the test unless GOMLX_BACKEND names an XLA engine.
func xlaEngine(t *testing.T) *Engine {
	t.Helper()
	if !strings.HasPrefix(os.Getenv("GOMLX_BACKEND"), "xla:") {
		t.Skip("GOMLX_BACKEND does not name an XLA engine")
	}
	return open(t, "")
}

func TestXLAComputesLikeGo(t *testing.T) {
	e := xlaEngine(t)
	require.False(t, e.SIMD())
	require.True(t, strings.HasPrefix(e.Name(), "xla:"))
	want := flat(t, open(t, "go"))
	got := flat(t, e)
	require.Len(t, got, len(want))
	require.InDeltaSlice(t, want, got, 1e-5)
}

func TestXLAUnknownOption(t *testing.T) {
	e := xlaEngine(t)
	_, err := Open(e.Name() + ",no_such_option=1")
	require.ErrorContains(t, err, "no_such_option")
}

// The same plugin by its path is the same engine.
func TestXLAByPath(t *testing.T) {
	path, err := findPlugin(xlaEngine(t).spec.plugin)
	require.NoError(t, err)
	e := open(t, path)
	require.Equal(t, "xla:"+path, e.Name())
	y, err := graph.CallOnce(e.Backend(), graph.Square, float32(3))
	require.NoError(t, err)
	require.Equal(t, float32(9), y.Value())
}

// flat runs a small wide graph and gives all outputs in one slice.
func flat(t *testing.T, e *Engine) (all []float32) {
	t.Helper()
	exec, args, err := wide(e, 40, 24, 2, 1)
	require.NoError(t, err)
	outputs, err := bits(exec, args)
	require.NoError(t, err)
	for _, output := range outputs {
		all = append(all, fromBits(output)...)
	}
	return all
}
