package atomicfile_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/atomicfile"
)

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// files reads all of a folder, hidden files too.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	got := map[string]string{}
	for _, e := range list {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		got[e.Name()] = string(data)
	}
	return got
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	require.NoError(t, atomicfile.Write(path, 0o600, text("old")))
	require.NoError(t, atomicfile.Write(path, 0o600, text("new")))
	require.Equal(t, map[string]string{"a.txt": "new"}, files(t, dir))
	if runtime.GOOS != "windows" {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
	}
}

func TestWriteTakesTheLongestName(t *testing.T) {
	name := strings.Repeat("n", 255)
	dir := t.TempDir()
	require.NoError(t, atomicfile.Write(filepath.Join(dir, name), 0o644, text("x")))
	require.Equal(t, map[string]string{name: "x"}, files(t, dir))
}

// The old file must be whole while the new one is being written.
func TestOldFileStandsDuringWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	require.NoError(t, atomicfile.Write(path, 0o644, text("old")))
	require.NoError(t, atomicfile.Write(path, 0o644, func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 1<<17)); err != nil { // past the buffer
			return err
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "old", string(data))
		return nil
	}))
}

func TestWriteErrorsNameThePath(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "no", "a.txt")
	err := atomicfile.Write(missing, 0o644, text("x"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, missing)

	err = atomicfile.Write(dir, 0o644, text("x")) // a folder is in the way
	require.Error(t, err)
	require.Empty(t, files(t, dir))
	require.NotContains(t, strings.Join(names(t, filepath.Dir(dir)), " "), ".tmp-")
}

func names(t *testing.T, dir string) (got []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range list {
		got = append(got, e.Name())
	}
	return got
}

func TestPanicLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	boom := func(io.Writer) error { panic("boom") }
	require.PanicsWithValue(t, "boom", func() {
		_ = atomicfile.Write(filepath.Join(dir, "a.txt"), 0o644, boom)
	})
	require.PanicsWithValue(t, "boom", func() {
		_ = atomicfile.WriteDir(dir, atomicfile.Entry{Name: "a", Fill: text("x")}, atomicfile.Entry{Name: "b", Fill: boom})
	})
	require.Empty(t, files(t, dir))
}

func TestWriteDirRefusesNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"", ".", "..", "a/b", "../a", "/a"} {
		err := atomicfile.WriteDir(dir, atomicfile.Entry{Name: name, Fill: text("x")})
		require.ErrorContains(t, err, fmt.Sprintf("%q", name))
	}
	err := atomicfile.WriteDir(dir, atomicfile.Entry{Name: "a", Fill: text("x")}, atomicfile.Entry{Name: "a", Fill: text("y")})
	require.ErrorContains(t, err, `"a" is given twice`)
	require.Empty(t, files(t, dir))
}

// A Fill that fails late must leave the whole folder as it was.
func TestWriteDirIsAllOrNothingUpToTheRenames(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, atomicfile.WriteDir(dir, atomicfile.Entry{Name: "a", Fill: text("a1")}, atomicfile.Entry{Name: "b", Fill: text("b1")}))
	bad := errors.New("bad")
	err := atomicfile.WriteDir(dir,
		atomicfile.Entry{Name: "a", Fill: text("a2")},
		atomicfile.Entry{Name: "b", Fill: func(io.Writer) error { return bad }})
	require.ErrorIs(t, err, bad)
	require.Equal(t, map[string]string{"a": "a1", "b": "b1"}, files(t, dir))
}

func ExampleWriteDir() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	err = atomicfile.WriteDir(filepath.Join(dir, "adapter"),
		atomicfile.Entry{Name: "adapter_model.safetensors", Fill: text("weights")},
		atomicfile.Entry{Name: "adapter_config.json", Fill: text("{}")}) // last: it makes the folder whole
	fmt.Println(err)
	list, _ := os.ReadDir(filepath.Join(dir, "adapter"))
	for _, e := range list {
		fmt.Println(e.Name())
	}
	// Output:
	// <nil>
	// adapter_config.json
	// adapter_model.safetensors
}
