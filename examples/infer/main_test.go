package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/pefttest/program"
	"github.com/gopeft/gopeft/peft"
)

const infer = program.Name("infer")

func TestMain(m *testing.M) { infer.Main(m, main) }

// infers runs the program and reads the file it writes.
func infers(t *testing.T, args ...string) peft.Tensors {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.safetensors")
	infer.Succeeds(t, append(args, "-out", out)...)
	values, err := peft.ReadTensors(out)
	require.NoError(t, err)
	return values
}

// fails runs the program, which must complain, and gives its complaint.
func fails(t *testing.T, args ...string) string {
	t.Helper()
	return infer.Fails(t, infer.Command(args...))
}

// argumentsOf writes a base's arguments into a file.
func argumentsOf(t *testing.T, base string) string {
	t.Helper()
	io, err := peft.ReadTensors(filepath.Join(base, "io.safetensors"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "in.safetensors")
	require.NoError(t, peft.WriteTensors(path, golden.Under(io, "in.")))
	return path
}
