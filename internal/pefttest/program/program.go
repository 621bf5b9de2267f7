// Package program runs a command of this module in a process of its own, which is the test's binary over again: nothing
// has to be built, and what it does counts for the test's coverage.
//
//	const infer = program.Name("infer")
//
//	func TestMain(m *testing.M) { infer.Main(m, main) }
//
//	func TestHelp(t *testing.T) { require.Contains(t, infer.Fails(t, infer.Command()), "usage") }
package program

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Name is a command's name, with which its complaints begin.
type Name string

func (n Name) variable() string { return "GOPEFT_TEST_BE_" + strings.ToUpper(string(n)) }

// Main is the test binary's TestMain: the command itself where Command started it, else the tests.
func (n Name) Main(m *testing.M, command func()) {
	if os.Getenv(n.variable()) != "" {
		command()
		return
	}
	os.Exit(m.Run())
}

// Command prepares the command.
func (n Name) Command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), n.variable()+"=1")
	return c
}

// Succeeds runs the command, which must not complain, and gives what it says.
func (n Name) Succeeds(t *testing.T, args ...string) string {
	t.Helper()
	c := n.Command(args...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	require.NoError(t, c.Run(), "%s", &errs)
	require.Empty(t, errs.String())
	return out.String()
}

// Fails runs a command made by Command, which must end with exit code 1 and one line of complaint, and gives that
// without the name.
func (n Name) Fails(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	var errs bytes.Buffer
	c.Stderr = &errs
	err := c.Run()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 1, exit.ExitCode(), "%s", &errs)
	line, ok := strings.CutPrefix(errs.String(), string(n)+": ")
	require.True(t, ok, "%s", &errs)
	line, ok = strings.CutSuffix(line, "\n")
	require.True(t, ok && line != "" && !strings.Contains(line, "\n"), "want one line:\n%s", &errs)
	return line
}
