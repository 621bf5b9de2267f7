package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseName(t *testing.T) {
	for _, c := range []struct {
		name string
		want spec
		as   string
	}{
		{"go", spec{kind: pureGo}, "go"},
		{"go:", spec{kind: pureGo}, "go"},
		{"go:ops_sequential,dependency_order", spec{kind: pureGo, options: []string{"ops_sequential", "dependency_order"}}, "go"},
		{"xla:cpu", spec{kind: xla, plugin: "cpu"}, "xla:cpu"},
		{"xla:cuda,preallocate=true", spec{kind: xla, plugin: "cuda", options: []string{"preallocate=true"}}, "xla:cuda"},
		{"xla:/opt/x.so", spec{kind: xla, plugin: "/opt/x.so"}, "xla:/opt/x.so"},
		{"/opt/x.so", spec{kind: xla, plugin: "/opt/x.so"}, "xla:/opt/x.so"},
		{"lib/x.so", spec{kind: xla, plugin: "lib/x.so"}, "xla:lib/x.so"},
		{"x.dylib", spec{kind: xla, plugin: "x.dylib"}, "xla:x.dylib"},
	} {
		got, err := parseName(c.name)
		require.NoError(t, err, c.name)
		if len(got.options) == 0 {
			got.options = nil
		}
		require.Equal(t, c.want, got, c.name)
		require.Equal(t, c.as, got.name())
	}
	for _, bad := range []string{"torch", "xla", "xla:", "xla:,tf32=false", "Go", ":cpu"} {
		_, err := Open(bad)
		require.ErrorIs(t, err, ErrUnknown, bad)
		require.ErrorContains(t, err, bad)
		require.ErrorContains(t, err, "xla:cpu")
	}
}

func TestOpenReadsTheEnvironment(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", "")
	e := open(t, "")
	require.Equal(t, "go", e.Name())
	require.Equal(t, SIMDCompiled(), e.SIMD())

	t.Setenv("GOMLX_BACKEND", "no-such-engine")
	_, err := Open("")
	require.ErrorIs(t, err, ErrUnknown)
	open(t, "go")

	t.Setenv("GOMLX_BACKEND", "go:parallelism=3")
	require.Contains(t, open(t, "").Backend().Description(), "parallelism=3")
}

func TestCloseTwice(t *testing.T) {
	e, err := Open("go")
	require.NoError(t, err)
	require.False(t, e.Backend().IsFinalized())
	e.Close()
	require.True(t, e.Backend().IsFinalized())
	e.Close()
}
