package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write replaces the file at path, or creates it, with what fill writes. The
// folder must exist. The process's umask applies to perm, as in os.WriteFile.
//
// After an error path is as it was before and no temporary file is left. The
// one exception is a failed sync of the folder, the last step: then the new
// file is in place and only its durability after a power cut is unsure.
func Write(path string, perm os.FileMode, fill func(io.Writer) error) error {
	return WriteOn(OS{}, path, perm, fill)
}

// WriteOn is [Write] on another file system.
func WriteOn(fsys FS, path string, perm os.FileMode, fill func(io.Writer) error) error {
	s, err := stage(fsys, path, perm, fill)
	if err != nil {
		return err
	}
	if err := s.publish(); err != nil {
		return errors.Join(err, s.discard())
	}
	return syncDir(fsys, filepath.Dir(path))
}

// Entry is one file for [WriteDir].
type Entry struct {
	Name string                // a plain file name, without a folder
	Perm os.FileMode           // permissions before the umask; 0 means 0o644
	Fill func(io.Writer) error // writes the content
}

// WriteDir publishes several files in dir, which is created where it is
// missing. First every file is written and synced under a temporary name, so
// that a full disk or a failing Fill changes nothing. Then they are renamed in
// the given order, each made durable before the next: the last entry should be
// the one whose presence makes the folder whole.
//
// Each file is replaced atomically, the folder as a whole is not: a crash or
// an error between two renames leaves the earlier entries new and the later
// ones as they were. Such an error says which entries are new.
func WriteDir(dir string, entries ...Entry) error {
	return WriteDirOn(OS{}, dir, entries...)
}

// WriteDirOn is [WriteDir] on another file system.
func WriteDirOn(fsys FS, dir string, entries ...Entry) (err error) {
	if err := checkNames(entries); err != nil {
		return err
	}
	if dir == "" {
		return errors.New("the name of the folder to write is empty")
	}
	if err := fsys.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("create folder %s: %w", dir, err)
	}
	var staged []*stagedFile
	defer func() { // also when a Fill panics
		for _, s := range staged {
			err = errors.Join(err, s.discard())
		}
	}()
	for _, e := range entries {
		perm := e.Perm
		if perm == 0 {
			perm = 0o644
		}
		s, err := stage(fsys, filepath.Join(dir, e.Name), perm, e.Fill)
		if err != nil {
			return err
		}
		staged = append(staged, s)
	}
	var published []string
	for i, s := range staged {
		err := s.publish()
		if err == nil {
			published = append(published, entries[i].Name)
			err = syncDir(fsys, dir)
		}
		if err != nil {
			return fmt.Errorf("%w (new in the folder: %q)", err, published)
		}
	}
	return syncDir(fsys, filepath.Dir(filepath.Clean(dir)))
}

// checkNames refuses names that leave the folder and names given twice.
func checkNames(entries []Entry) error {
	seen := map[string]bool{}
	for _, e := range entries {
		switch {
		case e.Name == "." || e.Name == "" || !filepath.IsLocal(e.Name) || filepath.Base(e.Name) != e.Name:
			return fmt.Errorf("write folder: %q is not a plain file name", e.Name)
		case seen[e.Name]:
			return fmt.Errorf("write folder: file %q is given twice", e.Name)
		}
		seen[e.Name] = true
	}
	return nil
}

func syncDir(fsys FS, dir string) error {
	if err := fsys.SyncDir(dir); err != nil {
		return fmt.Errorf("sync folder %s: %w", dir, err)
	}
	return nil
}
