//go:build !cgo || !(linux || darwin)

package engine

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNoXLAInThisBuild(t *testing.T) {
	for _, name := range []string{"xla:cpu", "xla:cuda", "/opt/pjrt_c_api_cpu_plugin.so"} {
		_, err := Open(name)
		require.ErrorIs(t, err, ErrNoXLA, name)
		require.ErrorContains(t, err, "CGO_ENABLED=1")
	}
}
