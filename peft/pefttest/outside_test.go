package pefttest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
)

const ownModule = "github.com/gopeft/gopeft"

// The method of package seam's example, as source: what stands in front of the example itself.
func exampleMethod(t *testing.T, file string) string {
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(raw), "\n// Config is")
	require.True(t, ok, file)
	method, _, ok := strings.Cut(rest, "\nfunc Example")
	require.True(t, ok, file)
	return "// Config is" + method[:strings.LastIndex(method, "}\n")+2]
}

// The example here tries the method that package seam's example shows.
func TestExampleIsTheMethodOfSeam(t *testing.T) {
	require.Equal(t, exampleMethod(t, "../seam/example_method_test.go"), exampleMethod(t, "example_check_test.go"))
}

// Who writes a method in a module of their own runs the same laws: the example's method passes them there, and a fault in it
// is told by the law's name.
func TestOutsideModule(t *testing.T) {
	if testing.Short() || golden.Compiles {
		t.Skip("builds another module, whose tests run on the pure-Go engine")
	}
	method := exampleMethod(t, "../seam/example_method_test.go")
	const merged = "graph.InsertAxes(m.factor(at), -1)"
	require.Contains(t, method, merged)
	faulty := strings.Replace(method, merged, "graph.OnePlus("+merged+")", 1)
	dir := outsideModule(t, map[string]string{
		"honest": method,
		"faulty": strings.Replace(faulty, `"BOUNDED_SCALE"`, `"FAULTY_SCALE"`, 1),
	})

	out, err := goTest(dir)
	require.Error(t, err, out)
	require.Contains(t, out, "--- FAIL: TestFaulty/merge/equivalent")
	require.Contains(t, out, "FAULTY_SCALE breaks merge/equivalent: merged outputs: off by")
	require.NotContains(t, out, "--- FAIL: TestFaulty/unmerge", "a law that holds")
	require.Contains(t, out, "--- PASS: TestHonest")
}

// outsideModule writes a module that knows ours by its folder only, with a package for each method, and a test of them.
func outsideModule(t *testing.T, methods map[string]string) string {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	raw, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	head, requires, ok := strings.Cut(string(raw), "\nrequire (")
	require.True(t, ok)
	_, version, ok := strings.Cut(head, "\ngo ")
	require.True(t, ok)

	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	write("go.mod", fmt.Sprintf("module example.org/outside\n\ngo %s\n\nrequire %s v0.0.0\n\nreplace %s => %q\n\nrequire (%s",
		version, ownModule, ownModule, root, requires))
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	write("go.sum", string(sums))
	for name, method := range methods {
		write(name+"/method.go", "package "+name+outsideImports+method)
	}
	write("outside_test.go", outsideTest)
	return dir
}

const outsideImports = `

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

`

const outsideTest = `package outside

import (
	"testing"

	"example.org/outside/faulty"
	"example.org/outside/honest"

	"github.com/gopeft/gopeft/peft/pefttest"
	"github.com/gopeft/gopeft/peft/seam"
)

func TestHonest(t *testing.T) {
	pefttest.Conform(t, pefttest.Case{Config: &honest.Config{Targets: seam.Match("query")}, Trainable: 8})
}

func TestFaulty(t *testing.T) {
	pefttest.Conform(t, pefttest.Case{Config: &faulty.Config{Targets: seam.Match("query")}, Trainable: 8})
}
`

// goTest runs the tests of a module, offline, and gives what they print.
func goTest(dir string) (string, error) {
	cmd := exec.Command("go", "test", "-vet=off", "-v", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
