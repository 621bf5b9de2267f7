package train

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
)

// checkpoints is the folder of a run's checkpoints, each a folder step-N.
type checkpoints struct {
	dir  string
	fsys atomicfile.FS
	keep int
}

func (c checkpoints) path(step int) string { return filepath.Join(c.dir, fmt.Sprintf("step-%d", step)) }

// steps lists the checkpoints that are there, whole or not, the newest first.
func (c checkpoints) steps() ([]int, error) {
	entries, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []int
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), "step-")
		if step, err := strconv.Atoi(number); ok && err == nil && step >= 0 {
			out = append(out, step)
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out, err
}

// write saves a checkpoint: the adapter, the tensors of the run, and last the list of these files with their
// checksums, which makes it whole. Older ones go, but for the last to keep.
func (c checkpoints) write(m *checkpoint, a *peft.Adapter, tensors peft.Tensors) error {
	dir := c.path(m.Step) // a new one: what came after the point where a run begins or goes on was discarded
	if err := a.Save(dir); err != nil {
		return err
	}
	m.Files = map[string]digest{}
	for _, name := range []string{peft.ConfigFile, peft.WeightsFile} {
		var err error
		if m.Files[name], err = digestFile(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	err := atomicfile.WriteDirOn(c.fsys, dir,
		atomicfile.Entry{Name: stateFile, Fill: func(w io.Writer) (err error) {
			m.Files[stateFile], err = digestThrough(w, func(w io.Writer) error { return safetensors.Encode(w, tensors, nil) })
			return err
		}},
		// Entries are filled in order, so the digest above is known here.
		atomicfile.Entry{Name: manifestFile, Fill: func(w io.Writer) error {
			raw, err := m.seal()
			if err == nil {
				_, err = w.Write(raw)
			}
			return err
		}},
	)
	if err != nil {
		return err
	}
	return c.prune()
}

// newest gives the newest whole checkpoint, nil where there is none, and what is wrong with newer ones. Where there are
// only damaged ones, that is the error.
func (c checkpoints) newest() (found *checkpoint, bad []error, err error) {
	steps, err := c.steps()
	if err != nil {
		return nil, nil, err
	}
	for _, step := range steps {
		m, err := readCheckpoint(c.path(step))
		if err == nil && m.Step != step {
			err = damagedf(m.path, "it is that of step %d", m.Step)
		}
		var ce *CheckpointError
		switch {
		case err == nil:
			return m, bad, nil
		case errors.As(err, &ce) && ce.Damaged:
			bad = append(bad, err)
		case !errors.Is(err, fs.ErrNotExist):
			return nil, nil, err
		}
	}
	if len(bad) > 0 {
		return nil, nil, fmt.Errorf("%w (and no other one is whole)", bad[0])
	}
	return nil, nil, nil
}

// prune removes all but the newest.
func (c checkpoints) prune() error {
	steps, err := c.steps()
	for _, step := range steps[min(c.keep, len(steps)):] {
		err = errors.Join(err, remove(c.path(step)))
	}
	return err
}

// discard removes the checkpoints from a step on.
func (c checkpoints) discard(from int) error {
	steps, err := c.steps()
	for _, step := range steps {
		if step >= from {
			err = errors.Join(err, remove(c.path(step)))
		}
	}
	return err
}

// remove takes a checkpoint away, what makes it whole first.
func remove(dir string) error {
	if err := os.Remove(filepath.Join(dir, manifestFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(dir)
}
