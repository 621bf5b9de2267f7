package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// goPackage is what `go list -json` tells of a package, as far as it matters here.
type goPackage struct {
	ImportPath string
	Imports    []string
}

// listPackages gives every package that our non-test code consists of, ours and others'.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	touchSources(t)
	// -e: a package that does not compile is another test's business.
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Imports", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var all []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, p)
	}
}

// touchSources looks at every Go file of the tree, so that `go test` knows that this test depends
// on them: what a child process reads does not count, and an old result would be shown again.
func touchSources(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			_, err = os.Stat(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone meanwhile
		}
		return err
	})
	require.NoError(t, err)
}

func TestImportTable(t *testing.T) {
	ours := 0
	for _, p := range listPackages(t) {
		importer, isOurs := ownPath(p.ImportPath)
		if !isOurs {
			for _, gate := range gates {
				if gate.room == "" && covers(gate.foreign, p.ImportPath) {
					t.Errorf("%s is linked in: %s", p.ImportPath, gate.why)
				}
			}
			continue
		}
		ours++
		if roomOf(importer) < 0 {
			t.Errorf("%s has no row in the import table", importer)
		}
		for _, path := range p.Imports {
			imported, isOurs := ownPath(path)
			var err error
			if isOurs {
				err = checkRoom(importer, imported)
			} else {
				err = checkGates(importer, path)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	require.Positive(t, ours, "go list shows no package of ours")
}

// The table itself, on imports that must and must not pass.
func TestTableHolds(t *testing.T) {
	for _, c := range []struct {
		importer, imported string
		fine               bool
	}{
		{"lora", "peft/seam", true},
		{"lora", "peft", false},
		{"lora/vera", "lora", true},
		{"lora", "adapters", true},
		{"prompt", "models/tokenizer", true},
		{"lora", "models", false},
		{"adapters/fusion", "models/bert", false},
		{"lora", "peft/train", false},
		{"lora", "optim", false},
		{"models/bert", "peft/seam", true},
		{"models/bert", "peft", false},
		{"peft", "peft/seam", true},
		{"peft/seam", "peft", false},
		{"models/generate", "peft", true},
		{"models/bert", "models/arch", true},
		{"models/bert", "models/gpt2", false},
		{"models/bert", "models/bert/inner", true},
		{"models/bert/inner", "models/bert", true},
		{"models/bert", "models", false},
		{"models/bert", "lora", false},
		{"models", "models/bert", true},
		{"models", "lora", false},
		{"models/arch", "models/bert", false},
		{"models/arch", "ia3", false},
		{"models/tokenizer", "internal/names", true},
		{"models/tokenizer", "peft", false},
		{"models/tokenizer", "models/arch", false},
		{"models/preprocess", "internal/names", true},
		{"models/preprocess", "peft", false},
		{"peft/data", "models/preprocess", true},
		{"peft", "internal/engine", true},
		{"peft", "lora", false},
		{"peft", "models", false},
		{"peft", "peft/train", false},
		{"peft", "optim", false},
		{"peft/all", "lora/vera", true},
		{"peft/all", "models", false},
		{"peft/train", "optim", true},
		{"peft/train", "peft/data", true},
		{"peft/train", "models", false},
		{"peft/data", "models/tokenizer", true},
		{"peft/data", "peft", false},
		{"peft/unheard-of", "peft", false},
		{"optim", "internal/engine", true},
		{"optim/search", "optim", true},
		{"optim", "peft", false},
		{"internal/engine", "peft", false},
		{"internal/safetensors", "internal/atomicfile", true},
		{"internal/pefttest/golden", "models", true},
		{"internal/pefttest/golden", "internal/pefttest/program", true},
		{"peft", "internal/pefttest/golden", false},
		{"internal/engine", "internal/pefttest/golden", false},
		{"peft/pefttest", "peft", true},
		{"peft/pefttest", "peft/seam", true},
		{"peft/pefttest", "internal/safetensors", true},
		{"peft/pefttest", "internal/pefttest/golden", false},
		{"peft/pefttest", "models/arch", false},
		{"peft/pefttest", "lora", false},
		{"lora", "peft/pefttest", false},
		{"peft", "peft/pefttest", false},
		{"peft/train", "peft/pefttest", false},
		{"internal/pefttest/golden", "peft/pefttest", false},
		{"examples/infer", "peft/pefttest", false},
		{"examples/infer", "models", true},
		{"examples/infer", "internal/sample", true},
		{"examples/infer", "examples/infer/flags", true},
		{"examples/infer", "internal/engine", false},
		{".", "peft", false},
		{"newroom", "peft", false},
	} {
		err := checkRoom(c.importer, c.imported)
		require.Equal(t, c.fine, err == nil, "%s imports %s: %v", c.importer, c.imported, err)
		if err != nil {
			require.ErrorContains(t, err, c.importer)
		}
	}
	require.NoError(t, checkGates("internal/engine", "github.com/gomlx/go-xla/compute/xla"))
	require.Error(t, checkGates("peft", "github.com/gomlx/go-xla/compute/xla"))
	require.Error(t, checkGates("peft/train", "github.com/gomlx/compute/gobackend"))
	require.Error(t, checkGates("internal/engine", "github.com/gomlx/gomlx/backends/default"))
	require.NoError(t, checkGates("peft", "github.com/gomlx/gomlx/core/graph"))
}

func TestTopLevel(t *testing.T) {
	tests := regexp.MustCompile(`^(example|mistakes)(_\w+)?_test\.go$`) // what a user of several packages writes
	for _, name := range topNames(t) {
		if tests.MatchString(name) {
			continue
		}
		require.Contains(t, topLevel, name, "%s does not belong at the top level", name)
	}
}

// topNames lists what the repository has at its root. Where there is no repository (an unpacked
// archive) it is what lies there, hidden entries left out.
func topNames(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files")
	cmd.Dir = root
	if out, err := cmd.Output(); err == nil && len(out) > 0 {
		var names []string
		for line := range strings.Lines(string(out)) {
			name, _, _ := strings.Cut(filepath.ToSlash(strings.TrimSpace(line)), "/")
			names = append(names, name)
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	return names
}
