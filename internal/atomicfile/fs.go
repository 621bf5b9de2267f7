package atomicfile

import (
	"errors"
	"io"
	"os"
	"runtime"
)

// FS is what writing needs of a file system. It is an interface so that tests
// can let any step fail; programs use [OS].
type FS interface {
	// Create makes a new file for writing and fails if name exists.
	Create(name string, perm os.FileMode) (File, error)
	// Rename moves oldName onto newName in one step, replacing what is there.
	Rename(oldName, newName string) error
	// Remove deletes a file.
	Remove(name string) error
	// MkdirAll makes a folder and its parents where they are missing.
	MkdirAll(dir string, perm os.FileMode) error
	// SyncDir makes the names in a folder durable.
	SyncDir(dir string) error
}

// File is an open file of an [FS].
type File interface {
	io.WriteCloser
	// Sync makes the content durable.
	Sync() error
}

// OS is the operating system's file system. Its zero value is ready to use.
type OS struct{}

var _ FS = OS{}

// Create implements [FS]. The process's umask applies to perm.
func (OS) Create(name string, perm os.FileMode) (File, error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return nil, err // a nil *os.File must not become a non-nil File
	}
	return f, nil
}

// Rename implements [FS].
func (OS) Rename(oldName, newName string) error { return os.Rename(oldName, newName) }

// Remove implements [FS].
func (OS) Remove(name string) error { return os.Remove(name) }

// MkdirAll implements [FS].
func (OS) MkdirAll(dir string, perm os.FileMode) error { return os.MkdirAll(dir, perm) }

// SyncDir implements [FS]. It does nothing on Windows, which can't sync folders.
func (OS) SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
