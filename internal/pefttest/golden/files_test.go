package golden_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
)

func write(t *testing.T, path string, raw []byte) {
	require.NoError(t, os.WriteFile(path, raw, 0o644))
}

func copyFile(t *testing.T, from, to string) {
	raw, err := os.ReadFile(from)
	require.NoError(t, err)
	write(t, to, raw)
}

func encode(t *testing.T, values peft.Tensors) []byte {
	var b bytes.Buffer
	require.NoError(t, safetensors.Encode(&b, values, nil))
	return b.Bytes()
}

func replaceOnce(raw []byte, old, now string) []byte {
	return bytes.Replace(raw, []byte(old), []byte(now), 1)
}
