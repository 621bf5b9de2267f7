package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// beProgram makes the test's binary the program itself.
const beProgram = "GOPEFT_TEST_BE_INFER"

func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// infer runs the program in a process of its own and gives what it writes on standard error.
func infer(t *testing.T, args ...string) (complaint string, err error) {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), beProgram+"=1")
	var errs bytes.Buffer
	c.Stderr = &errs
	err = c.Run()
	return errs.String(), err
}

// infers runs the program and reads the file it writes.
func infers(t *testing.T, args ...string) peft.Tensors {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.safetensors")
	complaint, err := infer(t, append(args, "-out", out)...)
	require.NoError(t, err, complaint)
	require.Empty(t, complaint)
	values, err := peft.ReadTensors(out)
	require.NoError(t, err)
	return values
}

// fails runs the program, which must end with exit code 1 and one line of complaint, and gives that.
func fails(t *testing.T, args ...string) string {
	t.Helper()
	complaint, err := infer(t, args...)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 1, exit.ExitCode(), complaint)
	line, ok := strings.CutPrefix(complaint, "infer: ")
	require.True(t, ok, complaint)
	line, ok = strings.CutSuffix(line, "\n")
	require.True(t, ok && line != "" && !strings.Contains(line, "\n"), "want one line:\n%s", complaint)
	return line
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
