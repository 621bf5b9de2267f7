package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// stagedFile is a complete, synced file under a temporary name.
type stagedFile struct {
	fsys FS
	temp string // empty once it has been published or removed
	path string
}

// stage fills and syncs a temporary file beside path. After an error, or a
// panic of fill, the temporary file is gone.
func stage(fsys FS, path string, perm os.FileMode, fill func(io.Writer) error) (_ *stagedFile, err error) {
	// The name doesn't contain path's, which may be as long as names can be.
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".tmp-%016x", rand.Uint64()))
	f, err := fsys.Create(temp, perm)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	s := &stagedFile{fsys: fsys, temp: temp, path: path}
	complete := false
	defer func() { // also when fill panics
		if !complete {
			err = errors.Join(err, s.discard())
		}
	}()
	if err := fillAndSync(f, fill); err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	complete = true
	return s, nil
}

// fillAndSync closes f in any case: an open file can't be removed on Windows.
func fillAndSync(f File, fill func(io.Writer) error) (err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := fill(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Sync()
}

// publish gives the file its real name.
func (s *stagedFile) publish() error {
	if err := s.fsys.Rename(s.temp, s.path); err != nil {
		return fmt.Errorf("write %s: %w", s.path, err)
	}
	s.temp = ""
	return nil
}

// discard removes the temporary file if it is still there.
func (s *stagedFile) discard() error {
	if s.temp == "" {
		return nil
	}
	temp := s.temp
	s.temp = ""
	if err := s.fsys.Remove(temp); err != nil {
		return fmt.Errorf("remove temporary file: %w", err)
	}
	return nil
}
