package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/internal/rss"
	"github.com/gopeft/gopeft/peft"
)

// folder is a run's folder, locked against others. A nil folder keeps no records.
type folder struct {
	path        string
	fsys        atomicfile.FS
	lock        *flock.Flock
	checkpoints checkpoints
	metrics     *metrics // nil until the run has begun
	identity    identity
	resume      bool
}

// openFolder makes and locks a run's folder, and changes nothing in it but what killed processes left half-written.
func openFolder(path string, fsys atomicfile.FS, o *Options) (*folder, error) {
	if err := fsys.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(path, ".lock"))
	switch locked, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
	case !locked:
		return nil, fmt.Errorf("%w: %s: another run is going on there", ErrBusy, path)
	}
	f := &folder{
		path: path, fsys: fsys, lock: lock, resume: o.Resume,
		checkpoints: checkpoints{dir: filepath.Join(path, "checkpoints"), fsys: fsys, keep: o.KeepCheckpoints},
	}
	if !o.Resume && !o.Overwrite {
		if err := f.vacant(); err != nil {
			return nil, errors.Join(err, lock.Close())
		}
	}
	for _, pattern := range []string{".", "adapter"} {
		left, err := filepath.Glob(filepath.Join(path, pattern, ".tmp-*"))
		for _, name := range left {
			err = errors.Join(err, os.Remove(name))
		}
		if err != nil {
			return nil, errors.Join(err, lock.Close())
		}
	}
	return f, nil
}

func (f *folder) close() error {
	if f == nil {
		return nil
	}
	err := f.metrics.close()
	return errors.Join(err, f.lock.Close())
}

// vacant refuses a folder that holds a run or an adapter.
func (f *folder) vacant() error {
	var there []string
	for _, name := range []string{"summary.json", "metrics.jsonl", "adapter/" + peft.ConfigFile, "adapter/" + peft.WeightsFile} {
		if _, err := os.Stat(filepath.Join(f.path, name)); err == nil {
			there = append(there, name)
		}
	}
	steps, err := f.checkpoints.steps()
	if err != nil {
		return err
	}
	if len(steps) > 0 {
		there = append(there, fmt.Sprintf("checkpoints up to step %d", steps[0]))
	}
	state := "an interrupted run"
	switch {
	case len(there) == 0:
		return nil
	case slices.Contains(there, "summary.json"):
		state = "a finished run"
	case !slices.Contains(there, "metrics.jsonl") && len(steps) == 0:
		state = "an adapter"
	}
	return fmt.Errorf("%w: %s: there is %s (%s): resume it, overwrite it, or choose another folder",
		ErrOccupied, f.path, state, strings.Join(there, ", "))
}

// begin starts the records anew: what a former run left, but for its adapter and summary, goes.
func (f *folder) begin() error {
	if err := f.checkpoints.discard(0); err != nil {
		return err
	}
	if err := f.openMetrics(0); err != nil {
		return err
	}
	if f.resume {
		return f.metrics.write(map[string]int{"resumed_from": 0})
	}
	return nil
}

// goOn takes the records up after a checkpoint: what came later goes.
func (f *folder) goOn(c *checkpoint) error {
	if err := f.openMetrics(c.Metrics); err != nil {
		return err
	}
	if err := f.checkpoints.discard(c.Step + 1); err != nil {
		return err
	}
	return f.metrics.write(map[string]int{"resumed_from": c.Step})
}

func (f *folder) openMetrics(at int64) (err error) {
	f.metrics, err = openMetrics(filepath.Join(f.path, "metrics.jsonl"), at)
	return err
}

// step records a step; the first one begins the records.
func (f *folder) step(s Step) error {
	if f == nil {
		return nil
	}
	if f.metrics == nil {
		if err := f.begin(); err != nil {
			return err
		}
	}
	return f.metrics.write(s)
}

// evaluation records an evaluation, its values as eval_loss, eval_accuracy and so on.
func (f *folder) evaluation(e *Evaluation) error {
	if f == nil {
		return nil
	}
	line := evalFields(e)
	line["step"] = e.Step
	return f.metrics.write(line)
}

func evalFields(e *Evaluation) map[string]any {
	line := map[string]any{}
	if e != nil {
		line["eval_loss"] = e.Loss
		for name, v := range e.Metrics {
			line["eval_"+name] = v
		}
	}
	return line
}

// finish saves the adapter and the summary of a run.
func (f *folder) finish(a *peft.Adapter, r *Report) error {
	if f == nil {
		return nil
	}
	if err := a.Save(filepath.Join(f.path, "adapter")); err != nil {
		return err
	}
	summary := map[string]any{
		"steps": r.Steps, "best_step": r.BestStep, "loss": r.Loss, "trainable": r.Trainable, "total": r.Total,
		"seconds": r.Seconds, "tokens_per_s": r.TokensPerSec, "peak_rss_mib": rss.Peak(),
	}
	if r.Ended != Completed {
		summary["ended"], summary["why"] = r.Ended, r.Why
	}
	maps.Copy(summary, evalFields(r.Evaluation))
	return atomicfile.WriteOn(f.fsys, filepath.Join(f.path, "summary.json"), 0o644, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(summary)
	})
}
