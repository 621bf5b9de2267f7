package atomicfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/atomicfile"
)

var errFault = errors.New("injected fault")

// faultFS is the real file system whose failAt-th step fails. A failing write
// first writes half, as a disk does when it fills up. Removing and closing
// work, as they do on a full disk.
type faultFS struct {
	atomicfile.OS
	failAt int
	steps  []string // what was asked so far; the last one failed if len == failAt
}

func (f *faultFS) step(name string) error {
	f.steps = append(f.steps, name)
	if len(f.steps) == f.failAt {
		return fmt.Errorf("%s: %w", name, errFault)
	}
	return nil
}

func (f *faultFS) Create(name string, perm os.FileMode) (atomicfile.File, error) {
	if err := f.step("create"); err != nil {
		return nil, err
	}
	file, err := f.OS.Create(name, perm)
	return &faultFile{file, f}, err
}

func (f *faultFS) Rename(oldName, newName string) error {
	if err := f.step("rename"); err != nil {
		return err
	}
	return f.OS.Rename(oldName, newName)
}

func (f *faultFS) MkdirAll(dir string, perm os.FileMode) error {
	if err := f.step("mkdir"); err != nil {
		return err
	}
	return f.OS.MkdirAll(dir, perm)
}

func (f *faultFS) SyncDir(dir string) error {
	if err := f.step("syncdir"); err != nil {
		return err
	}
	return f.OS.SyncDir(dir)
}

type faultFile struct {
	atomicfile.File
	fsys *faultFS
}

func (f *faultFile) Write(p []byte) (int, error) {
	if err := f.fsys.step("write"); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f *faultFile) Sync() error {
	if err := f.fsys.step("sync"); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *faultFile) Close() error {
	return errors.Join(f.fsys.step("close"), f.File.Close())
}

// Every step of Write fails once. The steps and their order are the promise of
// the package, so they are spelled out.
func TestWriteFaults(t *testing.T) {
	want := []string{"create", "write", "sync", "close", "rename", "syncdir"}
	for failAt := 1; failAt <= len(want)+1; failAt++ {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.txt")
		require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))

		fsys := &faultFS{failAt: failAt}
		err := atomicfile.WriteOn(fsys, path, 0o644, text("new"))
		if failAt > len(want) {
			require.NoError(t, err)
			require.Equal(t, want, fsys.steps)
		} else {
			require.ErrorIs(t, err, errFault, "step %d", failAt)
			require.ErrorContains(t, err, dir)
		}
		content := "old"
		if failAt >= len(want) { // the fault came after the rename, or never
			content = "new"
		}
		require.Equal(t, map[string]string{"a.txt": content}, files(t, dir), "step %d", failAt)
	}
}

// Every step of WriteDir fails once: each file is old or new, a later one is
// never new before an earlier one, and no temporary file is left.
func TestWriteDirFaults(t *testing.T) {
	stage := []string{"create", "write", "sync", "close"}
	want := append(append([]string{"mkdir"}, stage...), stage...)
	want = append(want, "rename", "syncdir", "rename", "syncdir", "syncdir")
	for failAt := 1; failAt <= len(want)+1; failAt++ {
		dir := t.TempDir()
		old := atomicfile.Entry{Name: "config", Fill: text("old")}
		require.NoError(t, atomicfile.WriteDir(dir, atomicfile.Entry{Name: "weights", Fill: text("old")}, old))

		fsys := &faultFS{failAt: failAt}
		err := atomicfile.WriteDirOn(fsys, dir,
			atomicfile.Entry{Name: "weights", Fill: text("new")},
			atomicfile.Entry{Name: "config", Fill: text("new")})
		if failAt > len(want) {
			require.NoError(t, err)
			require.Equal(t, want, fsys.steps)
		} else {
			require.ErrorIs(t, err, errFault, "step %d", failAt)
		}
		expect := map[string]string{"weights": "old", "config": "old"}
		if failAt > 10 { // after the first rename
			expect["weights"] = "new"
		}
		if failAt > 12 { // after the second
			expect["config"] = "new"
		}
		require.Equal(t, expect, files(t, dir), "step %d", failAt)
		if failAt == 12 {
			require.ErrorContains(t, err, `["weights"]`)
		}
	}
}
