package train_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft/train"
)

var errFull = errors.New("no space left on the test's disk")

// watchedFS asks before each step of writing. A write that is refused has written half, as on a disk that fills up.
type watchedFS struct {
	atomicfile.OS
	ask func(step string) error
}

func (f *watchedFS) MkdirAll(dir string, perm os.FileMode) error {
	if err := f.ask("mkdir " + dir); err != nil {
		return err
	}
	return f.OS.MkdirAll(dir, perm)
}

func (f *watchedFS) Create(name string, perm os.FileMode) (atomicfile.File, error) {
	if err := f.ask("create " + name); err != nil {
		return nil, err
	}
	file, err := f.OS.Create(name, perm)
	return watchedFile{file, f}, err
}

func (f *watchedFS) Rename(from, to string) error {
	if err := f.ask("rename " + to); err != nil {
		return err
	}
	return f.OS.Rename(from, to)
}

func (f *watchedFS) SyncDir(dir string) error {
	if err := f.ask("sync " + dir); err != nil {
		return err
	}
	return f.OS.SyncDir(dir)
}

type watchedFile struct {
	atomicfile.File
	fsys *watchedFS
}

func (f watchedFile) Write(p []byte) (int, error) {
	if err := f.fsys.ask("write"); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f watchedFile) Sync() error {
	if err := f.fsys.ask("sync"); err != nil {
		return err
	}
	return f.File.Sync()
}

// At whatever write the disk is full, the run ends with the error, the adapter of the run before stands, no temporary
// file is left, and with space again the run goes on to the same bytes.
func TestFullDisk(t *testing.T) {
	golden.OnGo(t)
	former, _ := newToy(t, 0.3)
	o := func(out string) train.Options {
		o := stroll(out)
		o.CheckpointEvery = 4
		return o
	}
	// run trains a toy in a folder where an adapter is from before, and gives the error and the steps of writing.
	run := func(t *testing.T, out string, failAt int, resume bool) (steps []string, err error) {
		t.Helper()
		a, _ := newToy(t, 0.3)
		options := o(out)
		options.Resume, options.Overwrite = resume, true
		trainer, err := train.New(a, options)
		require.NoError(t, err)
		trainer.WriteOn(&watchedFS{ask: func(step string) error {
			steps = append(steps, step)
			if len(steps) == failAt {
				return fmt.Errorf("%s: %w", step, errFull)
			}
			return nil
		}})
		_, err = trainer.FitSource(t.Context(), shifted())
		return steps, err
	}
	whole := t.TempDir()
	steps, err := run(t, whole, 0, false)
	require.NoError(t, err)
	require.Greater(t, len(steps), 20)
	want := readRecord(t, whole)
	for failAt := range len(steps) {
		t.Run(strings.Fields(steps[failAt])[0], func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			require.NoError(t, former.Save(filepath.Join(out, "adapter")))
			before := tree(t, filepath.Join(out, "adapter"))
			_, err := run(t, out, failAt+1, false)
			require.ErrorIs(t, err, errFull)
			require.NotContains(t, fmt.Sprint(tree(t, out)), ".tmp-")
			if failAt < len(steps)-5 { // the last five write the summary, when the new adapter is saved
				require.Equal(t, before, tree(t, filepath.Join(out, "adapter")))
			}
			_, err = run(t, out, 0, true)
			require.NoError(t, err)
			sameRecord(t, want, readRecord(t, out))
		})
	}
}
